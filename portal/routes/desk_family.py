"""Families at the desk: for who has no telephone, and to hand out the cards. A family is found by the number of any card of it."""

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cardbank.cards.queries import card_profile, find_by_number
from cardbank.cards.rules import CardProfile, is_card_number
from cardbank.errors import CardNotFound
from cardbank.families import services
from cardbank.families.errors import FamilyNotFound
from cardbank.families.queries import FamilyOf, family_of_member, family_of_person
from cardbank.issuing.rules import Issuer
from cardbank.keystore.services import open_keystore
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.families import services as limits
from portal.blueprint import blueprint
from portal.routes.family import family_page, faults_of, typed_limits
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms

ISSUE = Permission.CARDBANK_CARD_ISSUE
SEPARATORS = str.maketrans("", "", " -")


@route(blueprint, "/desk/family", permission=ISSUE)
def family_desk(visit: Visit) -> ResponseReturnValue:
    return _search()


@route(blueprint, "/desk/family", permission=ISSUE, methods=["POST"])
def keep_family_at_desk(visit: Visit) -> ResponseReturnValue:
    """Every form names the card that was found; its number is posted once and stands in no address."""
    act = request.form.get("act", "")
    try:
        card = _found(visit) if act == "find" else _named(visit)
    except DomainError as refusal:
        return _search(faults_of(refusal)), refusal.status
    try:
        if act != "find":
            if act not in ACTS:
                raise BadInput(field="act")
            ACTS[act](visit, card)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, card, refusal), refusal.status
    return _page(visit, card, is_done=act != "find")


def _open(visit: Visit, card: CardProfile) -> None:
    if card.person_id is None:
        raise CardNotFound(card_id=card.card_id)
    keystore = open_keystore(load_settings())
    services.open_family(visit.session, keystore, visit.identity.actor, card.person_id, card.language, issuer=_issuer(visit))


def _add_child(visit: Visit, card: CardProfile) -> None:
    family = _family(visit, card)
    limits.add_child(visit.session, visit.identity.actor, family.wallet_id, request.form.get("child", ""), card.language)


def _limit(visit: Visit, card: CardProfile) -> None:
    limits.limit_member(visit.session, visit.identity.actor, _family(visit, card).wallet_id, form_number("member"), typed_limits())


def _hand_out(visit: Visit, card: CardProfile) -> None:
    """The card from the stock is checked before anything is changed, so that a slip of the fingers is told beside its field."""
    number = forms.digits(request.form.get("stock", "")).translate(SEPARATORS)
    if not is_card_number(number):
        raise BadInput(field="stock")
    _family(visit, card)
    keystore = open_keystore(load_settings())
    services.hand_out_card(visit.session, keystore, visit.identity.actor, form_number("member"), number, issuer=_issuer(visit))


def _issuer(visit: Visit) -> Issuer:
    return Issuer(account_id=visit.identity.sign_in_id)


def _remove(visit: Visit, card: CardProfile) -> None:
    services.remove_member(visit.session, visit.identity.actor, _family(visit, card).wallet_id, form_number("member"))


ACTS: dict[str, Callable[[Visit, CardProfile], None]] = {
    "open": _open, "child": _add_child, "limit": _limit, "hand_out": _hand_out, "remove": _remove,
}  # fmt: skip


def _found(visit: Visit) -> CardProfile:
    number = forms.digits(request.form.get("number", "")).translate(SEPARATORS)
    card = find_by_number(visit.session, open_keystore(load_settings()), number) if is_card_number(number) else None
    if card is None or card.wallet_id is None:
        raise CardNotFound
    return card


def _named(visit: Visit) -> CardProfile:
    card = card_profile(visit.session, form_number("card"))
    if card is None:
        raise CardNotFound
    return card


def _family_of(visit: Visit, card: CardProfile) -> FamilyOf | None:
    by_card = family_of_member(visit.session, card.member_id)
    if by_card is not None or card.person_id is None:
        return by_card
    return family_of_person(visit.session, card.person_id)


def _family(visit: Visit, card: CardProfile) -> FamilyOf:
    found = _family_of(visit, card)
    if found is None:
        raise FamilyNotFound
    return found


def _search(faults: dict[str, str] | None = None) -> str:
    sentence = next(iter((faults or {}).values()), "")
    return render_template("family/desk_search.html", active="portal.family_desk", fault=sentence)


def _page(visit: Visit, card: CardProfile, fault: DomainError | None = None, *, is_done: bool = False) -> str:
    family = _family_of(visit, card)
    if family is None:
        return render_template(
            "family/desk_none.html",
            active="portal.family_desk",
            card=card,
            may_open=card.person_id is not None,
            faults=faults_of(fault),
        )
    hidden = Markup('<input type="hidden" name="card" value="{}">').format(card.card_id)
    return family_page(
        visit, family, fault, active="portal.family_desk", template="family/desk.html", card=card, hidden=hidden, is_done=is_done
    )
