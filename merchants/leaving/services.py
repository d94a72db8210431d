"""Paying a holder out and closing the card: lock, look, write, post, all in one transaction."""

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import card_profile, lock_card
from cardbank.cards.rules import GIFT_PRODUCT, CardProfile, CardStatus, refusal_of_card
from cardbank.cards.services import close_member_card
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused
from cardbank.families.queries import family_of_member
from cardbank.ledger import services as ledger
from cardbank.ledger.types import AccountKind, Answer, EntryKind, Key, PostingRequest, Tender
from cardbank.outcomes import outcomes
from cardbank.reasons import Reason
from cardbank.services import request_of_card
from identity.queries import names_of_people
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.settings import load_settings
from merchants.giving.queries import receiver_open
from merchants.giving.services import give_from
from merchants.leaving.errors import CardOwes, NothingToPayOut, SharedWallet, WouldLapse, WrongHolder
from merchants.leaving.models import Leaving
from merchants.leaving.queries import standing
from merchants.leaving.rules import Way
from merchants.settlement.errors import WrongSheba
from merchants.settlement.rules.sheba import is_same_name, is_sample, masked, sheba_of

LONGEST_HOLDER = 70
CLOSABLE = (CardStatus.ISSUED, CardStatus.ACTIVE, CardStatus.BLOCKED, CardStatus.EXPIRED)
TARGETS = {Way.CASH: AccountKind.CASH_TAKEN, Way.SHEBA: AccountKind.PAYOUT_SENT}


class Wish(Struct, frozen=True):
    """How the money leaves. `knows_loss`: the holder knows what lapses."""

    way: Way
    sheba: str = ""
    holder_name: str = ""
    receiver_id: int = 0
    cause: str = ""
    knows_loss: bool = False


def pay_out(session: Session, actor: Actor, card_id: int, wish: Wish, key: Key) -> Answer:
    """Everything out, and every card of the wallet closed. The same key again gives the same answer and pays once.

    Nobody asks here who it is: a desk has the card in hand, the app a holder who has signed in. Last before the commit of its
    unit of work. Raises CardNotFound, CardNotUsable, SharedWallet, CardOwes, NothingToPayOut, WouldLapse, WrongSheba, WrongHolder,
    ReceiverNotFound, WrongCause, PostingRefused.
    """
    lock_card(session, card_id)
    done = outcomes(session, [key]).get(key)
    if done is not None and done.is_approved and done.answer is not None and done.card_id == card_id:
        return done.answer
    card = _card(session, card_id)
    wallet_id = card.wallet_id or 0
    # No tap can pass between this look and the posting: whoever has decided on what stood before is refused.
    ledger.touch(session, wallet_id)
    found = standing(session, wallet_id)
    if found.owed_rial:
        raise CardOwes(amount_rial=found.owed_rial)
    if found.money_rial <= 0:
        raise NothingToPayOut
    if found.lapses_rial and not wish.knows_loss:
        raise WouldLapse(field="knows_loss", amount_rial=found.lapses_rial)
    leaving = Leaving(card_id=card_id, wallet_id=wallet_id, way=wish.way, amount_rial=found.money_rial)
    if wish.way is Way.SHEBA:
        leaving.sheba, leaving.holder_name = _account(session, card, wish)
        leaving.payout_state = "waiting"
    _close_cards(session, actor, wallet_id)
    facts = {"amount_rial": found.money_rial, "way": wish.way, "sheba": masked(leaving.sheba) if leaving.sheba else None}
    audit.record(session, actor, "pay out", "card", card_id, after=facts)
    answer = _post(session, actor, card, wish, leaving, key)
    leaving.business_date, leaving.entry_id, leaving.left_at = answer.business_date, answer.entry_id, answer.decided_at
    session.add(leaving)
    session.flush()
    return answer


def _card(session: Session, card_id: int) -> CardProfile:
    """A closed card is paid out, too: the bank may have sent back what it held, or a till may have filled it at that moment."""
    card = card_profile(session, card_id)
    if card is None or card.wallet_id is None:
        raise CardNotFound(card_id=card_id)
    if card.product == GIFT_PRODUCT:
        raise CardNotUsable(reason=Reason.NOT_PERMITTED_TO_CARD)
    if card.status is CardStatus.REPLACED:
        raise CardNotUsable(reason=refusal_of_card(card, local_day(clock.now())) or Reason.NO_SUCH_CARD)
    if family_of_member(session, card.member_id) is not None:
        raise SharedWallet
    return card


def _account(session: Session, card: CardProfile, wish: Wish) -> tuple[str, str]:
    """A known holder is paid to an account in the own name only. Raises WrongSheba, WrongHolder."""
    sheba = sheba_of(wish.sheba)
    if is_sample(sheba) and not load_settings().is_laboratory:
        raise WrongSheba(field="sheba", fault="sample")
    holder = " ".join(wish.holder_name.split())
    if not 2 <= len(holder) <= LONGEST_HOLDER:
        raise WrongHolder(field="holder_name", fault="length")
    if card.person_id is not None:
        names = names_of_people(session, [card.person_id]).get(card.person_id, {})
        if not is_same_name(holder, names):
            raise WrongHolder(field="holder_name")
    return sheba, holder


def _close_cards(session: Session, actor: Actor, wallet_id: int) -> None:
    open_ones = select(Card.id).where(Card.wallet_id == wallet_id, Card.status.in_(CLOSABLE)).order_by(Card.id)
    for card_id in session.scalars(open_ones).all():
        close_member_card(session, actor, card_id, "paid out")


def _post(session: Session, actor: Actor, card: CardProfile, wish: Wish, leaving: Leaving, key: Key) -> Answer:
    if wish.way is Way.GIFT:
        receiver = receiver_open(session, wish.receiver_id, clock.now())
        leaving.receiver_id = receiver.receiver_id
        return give_from(session, actor, card, receiver, wish.cause, leaving.amount_rial, key)
    [answer] = ledger.post(session, [_request(card, TARGETS[wish.way], leaving.amount_rial, key)])
    if not answer.reason.is_approved:
        raise PostingRefused(reason=answer.reason)
    return answer


def _request(card: CardProfile, target: AccountKind, amount_rial: int, key: Key) -> PostingRequest:
    tender = (Tender(AccountKind.MONEY, None, None, True), Tender(target, None, None, True))
    content = f"leaving {card.wallet_id} {target} {amount_rial}"
    return request_of_card(EntryKind.SETTLEMENT, card, amount_rial, key, content, tender=tender)
