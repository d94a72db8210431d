"""A family as its members see it: who is in it, what each may spend and has spent, and what the head changes."""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank import statements
from cardbank.errors import WrongAmount
from cardbank.families import services
from cardbank.families.errors import FamilyNotFound, OnlyTheHead, WrongLimit
from cardbank.families.queries import FamilyOf, family_of_person, members_of
from cardbank.families.rules import Limits
from cardbank.keystore.services import open_keystore
from identity.permissions import Permission
from identity.queries import names_of_people
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.families import services as limits
from portal import words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms

KEEP = Permission.CARDBANK_FAMILY_KEEP


@route(blueprint, "/me/family", permission=KEEP)
def my_family(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/me/family", permission=KEEP, methods=["POST"])
def keep_family(visit: Visit) -> ResponseReturnValue:
    act = request.form.get("act", "")
    try:
        if act == "code":
            # Shown in the answer to this form and nowhere else.
            return _page(visit, code=services.new_family_code(visit.session, visit.identity.actor, _led(visit).wallet_id))
        if act not in ACTS:
            raise BadInput(field="act")
        ACTS[act](visit)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, refusal), refusal.status
    return redirect(url_for("portal.my_family"), 303)


def _open(visit: Visit) -> None:
    services.open_family(
        visit.session, open_keystore(load_settings()), visit.identity.actor, visit.identity.person_id, visit.language
    )


def _join(visit: Visit) -> None:
    identity, typed = visit.identity, request.form.get("code", "")
    services.join_family(visit.session, open_keystore(load_settings()), identity.actor, identity.person_id, typed, visit.language)


def _add_child(visit: Visit) -> None:
    limits.add_child(visit.session, visit.identity.actor, _led(visit).wallet_id, request.form.get("child", ""), visit.language)


def _limit(visit: Visit) -> None:
    limits.limit_member(visit.session, visit.identity.actor, _led(visit).wallet_id, form_number("member"), typed_limits())


def _remove(visit: Visit) -> None:
    services.remove_member(visit.session, visit.identity.actor, _led(visit).wallet_id, form_number("member"))


def _close(visit: Visit) -> None:
    services.close_family(visit.session, visit.identity.actor, _led(visit).wallet_id)


def _leave(visit: Visit) -> None:
    own = _own(visit)
    services.remove_member(visit.session, visit.identity.actor, own.wallet_id, own.member_id)


def _show(visit: Visit) -> None:
    own, shows = _own(visit), request.form.get("shows") == "yes"
    services.show_lines(visit.session, visit.identity.actor, own.wallet_id, own.member_id, shows=shows)


ACTS: dict[str, Callable[[Visit], None]] = {
    "open": _open, "join": _join, "child": _add_child, "limit": _limit, "remove": _remove, "close": _close, "leave": _leave,
    "show": _show,
}  # fmt: skip


def typed_limits() -> Limits:
    """What stands in the fields of a member; an empty one is no limit. Raises WrongLimit."""
    amounts = []
    for name in ("day_rial", "month_rial"):
        try:
            amounts.append(forms.amount_of(name) if request.form.get(name, "").strip() else None)
        except WrongAmount:
            raise WrongLimit(field=name) from None
    return Limits(amounts[0], amounts[1], tuple(request.form.getlist("kinds")))


def _own(visit: Visit) -> FamilyOf:
    found = family_of_person(visit.session, visit.identity.person_id)
    if found is None:
        raise FamilyNotFound
    return found


def _led(visit: Visit) -> FamilyOf:
    found = _own(visit)
    if not found.is_head:
        raise OnlyTheHead
    return found


def _page(visit: Visit, fault: DomainError | None = None, code: str = "") -> str:
    own = family_of_person(visit.session, visit.identity.person_id)
    if own is None:
        return render_template("family/none.html", active="portal.my_family", faults=faults_of(fault), typed=request.form)
    return family_page(visit, own, fault, active="portal.my_family", template="family/family.html", code=code)


def family_page(visit: Visit, own: FamilyOf, fault: DomainError | None, *, active: str, template: str, **more: object) -> str:
    """Members with what they may spend and have spent; who is not the head sees the own line only."""
    now = clock.now()
    members = members_of(visit.session, own.wallet_id, local_day(now))
    return render_template(
        template,
        active=active,
        own=own,
        balances=statements.balances(visit.session, own.wallet_id, now),
        members=members,
        names=names_of_people(visit.session, [one.person_id for one in members if one.person_id is not None]),
        faults=faults_of(fault),
        typed=request.form,
        **more,
    )


def faults_of(fault: DomainError | None) -> dict[str, str]:
    """By the field it is about; `form` for what is about none."""
    if fault is None:
        return {}
    return {str(fault.facts.get("field", "form")): words.error_sentence(fault.code, fault.facts)}
