"""Registering who may be given to, and giving."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import CardProfile
from cardbank.errors import CardNotFound, PostingRefused, WrongAmount
from cardbank.ledger import services as ledger
from cardbank.ledger.services import open_wallet
from cardbank.ledger.types import Answer, EntryKind, Key, PostingRequest, WalletKind
from cardbank.services import MOST_TOP_UP_RIAL, request_of_card
from cardbank.transfers import check_may_take_out
from identity.services import found_organisation
from kernel import audit, clock
from kernel.audit import Actor
from kernel.settings import load_settings
from merchants.giving.errors import ReceiverNotFound, WrongCause
from merchants.giving.models import Giving, Receiver
from merchants.giving.queries import ReceiverRow, receiver_open
from merchants.giving.rules import RECEIVER_KIND, check_receiver
from merchants.models import Merchant
from merchants.settlement.services.accounts import propose_account


def register_receiver(
    session: Session, actor: Actor, person_id: int | None, names: dict[str, str], about: dict[str, str], causes: Collection[str],
    sheba: str, holder_name: str,
) -> Receiver:  # fmt: skip
    """Put a receiver on record; people may give to it once a second person has approved its bank account.

    The account's holder is the receiver, under its name in the bank. Raises WrongReceiver, WrongSheba, HolderIsNotTheShop.
    """
    for language, name in names.items():
        check_receiver(name, about.get(language, ""), causes)
    legal_name = " ".join(holder_name.split())
    organisation = found_organisation(
        session, actor, RECEIVER_KIND, names, legal_name=legal_name, is_fictional=load_settings().is_laboratory
    )
    merchant = Merchant(organisation_id=organisation.id, wallet_id=open_wallet(session, WalletKind.SHOP), kind=RECEIVER_KIND)
    session.add(merchant)
    session.flush()
    receiver = Receiver(merchant_id=merchant.id, causes=sorted(set(causes)), about=about, registered_at=clock.now())
    session.add(receiver)
    session.flush()
    audit.record(session, actor, "register", "receiver", merchant.id, after={"names": names, "causes": receiver.causes})
    propose_account(session, actor, person_id, merchant.id, sheba, holder_name, legal_name=legal_name)
    return receiver


def end_receiver(session: Session, actor: Actor, receiver_id: int) -> None:
    """From now on nobody gives to it; what it was given is paid as before. Raises ReceiverNotFound."""
    receiver = session.get(Receiver, receiver_id, with_for_update=True, populate_existing=True)
    if receiver is None or receiver.ended_at is not None:
        raise ReceiverNotFound(field="receiver")
    receiver.ended_at = clock.now()
    audit.record(session, actor, "end", "receiver", receiver_id)


def give(
    session: Session, actor: Actor, person_id: int, card_id: int, receiver_id: int, cause: str, amount_rial: int, key: Key
) -> Answer:
    """A holder gives from a card of the own. The same key again gives the same answer, and once.

    Last before the commit of its unit of work. Raises WrongAmount, CardNotFound, CardNotUsable, OnlyTheHead, ReceiverNotFound,
    WrongCause, PostingRefused.
    """
    card = next((one for one in cards_of_person(session, person_id) if one.card_id == card_id and one.wallet_id), None)
    if card is None:
        raise CardNotFound(field="card")
    check_may_take_out(session, card)
    receiver = receiver_open(session, receiver_id, clock.now())
    return give_from(session, actor, card, receiver, cause, amount_rial, key)


def give_from(
    session: Session, actor: Actor, card: CardProfile, receiver: ReceiverRow, cause: str, amount_rial: int, key: Key
) -> Answer:
    """Raises WrongAmount, WrongCause, PostingRefused."""
    if not 0 < amount_rial <= MOST_TOP_UP_RIAL:
        raise WrongAmount(field="amount_rial")
    if cause not in receiver.causes:
        raise WrongCause(field="cause")
    facts = {"receiver": receiver.receiver_id, "cause": cause, "amount_rial": amount_rial, "key": key.key}
    audit.record(session, actor, "give", "card", card.card_id, after=facts)
    [answer] = ledger.post(session, [_request(card, receiver.wallet_id, cause, amount_rial, key)])
    if not answer.reason.is_approved:
        raise PostingRefused(reason=answer.reason)
    if not answer.replayed:
        session.add(
            Giving(
                business_date=answer.business_date, entry_id=answer.entry_id, receiver_id=receiver.receiver_id,
                wallet_id=card.wallet_id, cause=cause, amount_rial=amount_rial, given_at=answer.decided_at,
            )
        )  # fmt: skip
        session.flush()
    return answer


def _request(card: CardProfile, receiver_wallet_id: int, cause: str, amount_rial: int, key: Key) -> PostingRequest:
    content = f"giving {card.wallet_id} {receiver_wallet_id} {cause} {amount_rial}"
    return request_of_card(EntryKind.GIVING, card, amount_rial, key, content, shop_id=receiver_wallet_id)
