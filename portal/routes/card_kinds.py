"""Kinds of card: what each says now, its earlier versions, a new kind, and a new version of one."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.kinds.queries import all_versions
from cardbank.kinds.rules import MONTHS, KindTerms, Technology
from cardbank.kinds.services import define_kind, renew_kind
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.text import typed_number
from kernel.web.routes import route
from merchants.onboarding.rules import typed_day
from portal import card_words, formats, words
from portal.blueprint import blueprint

DEFINE = Permission.CARDBANK_KIND_DEFINE
HERE = "portal.card_kinds"
NUMBERS = ("valid_months", "most_per_person", "purchase_limit_rial", "thickness_um")
USUAL_UM = 760
NO_NUMBER = -1  # outside of every range, so that the rule names the field


@route(blueprint, "/card-kinds", permission=DEFINE)
def card_kinds(visit: Visit) -> ResponseReturnValue:
    """`?of=` fills the form with the newest version of a kind."""
    versions = all_versions(visit.session)
    newest = next((one for one in versions if one.code == request.args.get("of")), None)
    typed = {}
    if newest is not None:
        typed = {name: formats.number(getattr(newest, name) or "", visit.language) for name in NUMBERS}
        typed |= {"technology": newest.technology, "art": newest.art or ""}
        typed |= {"code": newest.code, "name_fa": newest.names.get("fa", ""), "name_en": newest.names.get("en", "")}
        typed["no_money"] = "" if newest.holds_money else "yes"
        typed |= {"anonymous": "yes" if newest.allows_anonymous else "", "closed": "" if newest.is_open else "yes"}
    return _page(visit, typed, is_version=newest is not None)


@route(blueprint, "/card-kinds", permission=DEFINE, methods=["POST"])
def define_card_kind(visit: Visit) -> ResponseReturnValue:
    form = {name: text.strip() for name, text in request.form.items()}
    is_version = form.get("version") == "yes"
    try:
        define = renew_kind if is_version else define_kind
        define(visit.session, visit.identity.actor, form.get("code", ""), _terms(form))
    except BadInput as refusal:
        visit.session.rollback()
        return _page(visit, form, is_version=is_version, fault=refusal), refusal.status
    return redirect(url_for(HERE, done=1), 303)


def _terms(form: dict[str, str]) -> KindTerms:
    """Raises BadInput for a day or a technology that there is not; numbers that are none fail the rule of their field."""
    technology = form.get("technology", "")
    if technology not in set(Technology):
        raise BadInput(field="technology")
    return KindTerms(
        names={"fa": form.get("name_fa", ""), "en": form.get("name_en", "")},
        starts_on=typed_day(form.get("starts_on", ""), "starts_on"),
        valid_months=_number(form, "valid_months") or NO_NUMBER,
        technology=Technology(technology),
        allows_anonymous=form.get("anonymous") == "yes",
        is_open=form.get("closed") != "yes",
        holds_money=form.get("no_money") != "yes",
        most_per_person=_number(form, "most_per_person"),
        purchase_limit_rial=_number(form, "purchase_limit_rial"),
        thickness_um=_number(form, "thickness_um"),
        art=form.get("art") or None,
    )


def _number(form: dict[str, str], name: str) -> int | None:
    said = form.get(name, "")
    number = typed_number(said)
    return NO_NUMBER if number is None and said.strip() else number


def _page(visit: Visit, typed: dict[str, str], *, is_version: bool, fault: DomainError | None = None) -> str:
    today = local_day(clock.now())
    versions = all_versions(visit.session)
    usual = {"starts_on": formats.day_digits(today, visit.language), "thickness_um": formats.number(USUAL_UM, visit.language)}
    usual |= {"valid_months": formats.number(MONTHS[1] // 2, visit.language)}
    in_force: dict[str, int] = {}
    for one in versions:
        if one.starts_on <= today:
            in_force.setdefault(one.code, one.id)
    return render_template(
        "customers/kinds.html",
        active=HERE,
        told=card_words,
        versions=versions,
        in_force=set(in_force.values()),
        is_version=is_version,
        typed=usual | typed,
        faults={str(fault.facts.get("field", "")): words.error_sentence(fault.code, fault.facts)} if fault else {},
        is_done="done" in request.args,
    )
