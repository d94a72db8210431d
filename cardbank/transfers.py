"""Money between two cards of one holder: both entries in one transaction, once for each key."""

from msgspec.structs import replace
from sqlalchemy.orm import Session

from cardbank.cards.queries import card_profile
from cardbank.cards.rules import GIFT_PRODUCT, CardProfile, CardStatus, refusal_of_card, refusal_of_filling
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused, SameWallet, WrongAmount
from cardbank.families.errors import OnlyTheHead
from cardbank.families.queries import family_of_member
from cardbank.ledger import services as ledger
from cardbank.ledger.types import Answer, EntryKind, Key, Original, PostingRequest
from cardbank.reasons import Reason
from cardbank.services import MOST_TOP_UP_RIAL, request_of_card
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day

ENDED = frozenset({CardStatus.STOCK, CardStatus.REPLACED, CardStatus.REFUNDED})


def transfer_own(
    session: Session, actor: Actor, person_id: int, source_id: int, target_id: int, amount_rial: int, key: Key
) -> Answer:
    """Move money between two cards of a person. Another's card is not found.

    Last before the commit of its unit of work. Raises as `transfer` does.
    """
    source, target = _card(session, source_id), _card(session, target_id)
    for card, field in ((source, "source"), (target, "target")):
        if card.person_id != person_id:
            raise CardNotFound(field=field)
    return transfer(session, actor, source, target, amount_rial, key)


def transfer_at_desk(session: Session, actor: Actor, source_id: int, target_id: int, amount_rial: int, key: Key) -> Answer:
    """The same for somebody who has both cards in hand: of one person, or from a card that nobody's name stands on.

    Last before the commit of its unit of work. Raises as `transfer` does.
    """
    source, target = _card(session, source_id), _card(session, target_id)
    if source.person_id is not None and source.person_id != target.person_id:
        raise CardNotFound(field="target")
    return transfer(session, actor, source, target, amount_rial, key)


def transfer(session: Session, actor: Actor, source: CardProfile, target: CardProfile, amount_rial: int, key: Key) -> Answer:
    """Move money from one card's wallet to another's. The same key again gives the same answer and moves nothing twice.

    Raises WrongAmount, CardNotFound, CardNotUsable, SameWallet, OnlyTheHead (a family's money is its head's to move),
    PostingRefused.
    """
    if not 0 < amount_rial <= MOST_TOP_UP_RIAL:
        raise WrongAmount(field="amount_rial")
    if source.wallet_id is None or target.wallet_id is None:
        raise CardNotFound(field="target" if target.wallet_id is None else "source")
    if source.wallet_id == target.wallet_id:
        raise SameWallet(field="target")
    check_may_take_out(session, source)
    _check_target(target)
    facts = {"amount_rial": amount_rial, "to": target.card_id, "key": key.key}
    audit.record(session, actor, "transfer", "card", source.card_id, after=facts)
    departure = departure_of(source, target.wallet_id, amount_rial, key)
    ledger.hold(session, source.wallet_id, target.wallet_id)
    gone, come = ledger.post(session, [departure, _arrival(departure, target)])
    for answer in (gone, come):
        if not answer.reason.is_approved:
            raise PostingRefused(reason=answer.reason)
    return gone


def check_may_take_out(session: Session, card: CardProfile) -> None:
    """Raises CardNotUsable for a gift card, for one that has ended and for one without money, OnlyTheHead for a member's card of a family."""
    if card.product == GIFT_PRODUCT:
        raise CardNotUsable(reason=Reason.NOT_PERMITTED_TO_CARD)
    if card.status in ENDED:
        raise CardNotUsable(reason=refusal_of_card(card, local_day(clock.now())) or Reason.NO_SUCH_CARD)
    if not card.holds_money:
        raise CardNotUsable(reason=Reason.HOLDS_NO_MONEY)
    family = family_of_member(session, card.member_id)
    if family is not None and not family.is_head:
        raise OnlyTheHead


def departure_of(source: CardProfile, to_wallet_id: int | None, amount_rial: int, key: Key) -> PostingRequest:
    content = f"transfer {source.wallet_id} {to_wallet_id} {amount_rial}"
    return request_of_card(EntryKind.TRANSFER, source, amount_rial, key, content, to_wallet_id=to_wallet_id)


def _arrival(departure: PostingRequest, target: CardProfile) -> PostingRequest:
    return replace(
        departure, key=replace(departure.key, key=f"{departure.key.key} in"), wallet_id=target.wallet_id or 0, to_wallet_id=None,
        member_id=target.member_id, card_id=target.card_id, original=Original(departure.key, None, None),
    )  # fmt: skip


def _check_target(target: CardProfile) -> None:
    """Raises CardNotUsable for one that is stopped, ended, a gift or holds no money."""
    refusal = refusal_of_filling(target, local_day(clock.now()))
    if refusal is not None:
        raise CardNotUsable(reason=refusal)


def _card(session: Session, card_id: int) -> CardProfile:
    card = card_profile(session, card_id)
    if card is None:
        raise CardNotFound(card_id=card_id)
    return card
