"""Asking for a first card, calling it off, making it ready, refusing it, and handing it over. Each locks the person's wishes first."""

from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import cards_of_person
from cardbank.first_cards.errors import DocumentNotSeen, FirstCardIsReady, FirstCardNotFound
from cardbank.first_cards.models import FirstCardWish
from cardbank.first_cards.notices import FIRST_CARD_READY
from cardbank.first_cards.queries import lock_wishes, open_wish, open_wish_of
from cardbank.first_cards.rules import WishState, check_has_none, typed_desk, typed_why
from cardbank.issuing.services import check_person, hand_out_at_desk
from cardbank.keystore.ports import KeyStore
from identity.permissions import Identity
from identity.queries import mobiles_of
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput
from kernel.languages import LANGUAGES
from kernel.messages.services import send


def ask_first_card(session: Session, actor: Actor, person_id: int, kind: str, language: str, city_id: int) -> FirstCardWish:
    """A person without a card wants one, at a desk of a city (checked by the caller). Asked again, the wish says what was said last.

    Raises BadInput (`language`), CardHeldAlready, FirstCardIsReady, and what `check_person` raises.
    """
    if language not in LANGUAGES:
        raise BadInput(field="language")
    lock_wishes(session, person_id)
    check_has_none(card.status for card in cards_of_person(session, person_id))
    wish = open_wish_of(session, person_id)
    if wish is not None and wish.state == WishState.READY:
        raise FirstCardIsReady(desk=wish.desk)
    check_person(session, person_id, kind)
    wish = wish or FirstCardWish(person_id=person_id, state=WishState.ASKED, asked_at=clock.now())
    wish.kind, wish.language, wish.city_id = kind, language, city_id
    session.add(wish)
    session.flush()
    audit.record(session, actor, "ask", "first card", wish.id, after={"kind": kind, "language": language, "city_id": city_id})
    return wish


def withdraw_first_card(session: Session, actor: Actor, person_id: int) -> FirstCardWish:
    """No card is wanted any more, whether one lies ready or not. Raises FirstCardNotFound."""
    lock_wishes(session, person_id)
    wish = open_wish_of(session, person_id)
    if wish is None:
        raise FirstCardNotFound
    return _decide(session, actor, wish, WishState.WITHDRAWN, "withdraw")


def withdraw_if_asked(session: Session, actor: Actor, person_id: int) -> None:
    """Who leaves waits for nothing."""
    lock_wishes(session, person_id)
    if open_wish_of(session, person_id) is not None:
        withdraw_first_card(session, actor, person_id)


def make_ready(session: Session, actor: Actor, wish_id: int, desk: str) -> FirstCardWish:
    """The card waits at a desk, and the person is told so where a number is on record. At another desk it is told anew.

    Raises BadInput (`desk`), FirstCardNotFound.
    """
    named = typed_desk(desk)
    wish = open_wish(session, wish_id, lock=True)
    before = {"state": wish.state, "desk": wish.desk}
    wish.state, wish.ready_at, wish.desk = WishState.READY, clock.now(), named
    session.flush()
    audit.record(session, actor, "make ready", "first card", wish.id, before=before, after={"state": wish.state, "desk": named})
    if before["desk"] != named:
        for mobile, language in mobiles_of(session, [wish.person_id]):
            send(session, FIRST_CARD_READY, mobile, language, {"desk": named})
    return wish


def refuse_first_card(session: Session, actor: Actor, wish_id: int, why: str) -> FirstCardWish:
    """The reason is for the person to read. Raises BadInput (`refusal`), FirstCardNotFound."""
    reason = typed_why(why)
    wish = open_wish(session, wish_id, lock=True)
    wish.why = reason
    return _decide(session, actor, wish, WishState.REFUSED, "refuse")


def hand_over_first_card(
    session: Session, keystore: KeyStore, clerk: Identity, wish_id: int, blank: str, *, is_document_seen: bool
) -> Card:
    """The card into the person's hand, active, as it was asked for; `blank` is its number or chip. It may not have been made ready.

    Raises DocumentNotSeen, FirstCardNotFound, and what `hand_out_at_desk` raises, which ends the wish.
    """
    if not is_document_seen:
        raise DocumentNotSeen(field="seen")
    wish = open_wish(session, wish_id, lock=True)
    return hand_out_at_desk(session, keystore, clerk, wish.person_id, wish.language, wish.kind, blank)


def _decide(session: Session, actor: Actor, wish: FirstCardWish, state: WishState, act: str) -> FirstCardWish:
    before = {"state": wish.state}
    wish.state, wish.decided_at = state, clock.now()
    session.flush()
    audit.record(session, actor, act, "first card", wish.id, before=before, why=wish.why)
    return wish
