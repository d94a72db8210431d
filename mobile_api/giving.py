"""Giving from the card, and leaving with the money."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from cardbank.cards.queries import cards_of_person
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused, WrongAmount
from cardbank.families.errors import OnlyTheHead
from cardbank.ledger.types import Key, Source
from identity.permissions import Permission
from kernel import clock
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.giving.errors import ReceiverNotFound, WrongCause
from merchants.giving.queries import receivers_open
from merchants.giving.rules import Cause
from merchants.giving.services import give
from merchants.leaving.errors import CardOwes, NothingToPayOut, SharedWallet, WouldLapse, WrongHolder
from merchants.leaving.queries import standing
from merchants.leaving.rules import Way
from merchants.leaving.services import Wish
from merchants.settlement.errors import WrongSheba
from mobile_api.contract import key_of_request, operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Id, Rial, Typed
from reservations.errors import BookingsOpen
from reservations.leaving import leave_with_money

GIVING, LEAVING = "Giving", "Leaving"
MOVE = Permission.CARDBANK_MONEY_MOVE


class Receiver(Struct):
    """`about` says what it does with what it is given; `causes` what one may give for."""

    receiver: int
    name: str
    about: str
    causes: list[Cause]


class Receivers(Struct):
    receivers: list[Receiver]


class Gift(Struct, forbid_unknown_fields=True):
    card: Id
    receiver: Id
    cause: Cause
    amount_rial: Annotated[Rial, Meta(gt=0)]


class Given(Struct):
    """`entry` opens the receipt."""

    entry: str
    amount_rial: Rial
    left_rial: Rial


class Standing(Struct):
    """`money_rial` is what comes out, `lapses_rial` what would be lost (credit, gifts, benefits), `owed_rial` what is paid first."""

    money_rial: Rial
    lapses_rial: Rial
    owed_rial: Rial


class ByBank(Struct, forbid_unknown_fields=True, tag_field="way", tag="sheba"):
    """With the next settlement, to an account in the holder's own name."""

    sheba: Typed
    holder_name: Typed
    knows_loss: bool = False


class AsGift(Struct, forbid_unknown_fields=True, tag_field="way", tag="gift"):
    receiver: Id
    cause: Cause
    knows_loss: bool = False


_RECEIVER = Receiver(9, "موقوفات نمونه", "غذای زائران", [Cause.VOW, Cause.ENDOWMENT])
_ENTRY = f"{date(2026, 11, 22).isoformat()}-2048"
REFUSALS = (
    CardNotFound, CardNotUsable, SharedWallet, CardOwes, NothingToPayOut, WouldLapse, WrongSheba, WrongHolder, ReceiverNotFound,
    WrongCause, BookingsOpen, PostingRefused,
)  # fmt: skip


@operation("GET", "/receivers", tag=GIVING, permission=MOVE, gives=Receivers([_RECEIVER]))
def gift_receivers(visit: Visit) -> Receivers:
    """Whom one may give to: organisations that two persons of the network have looked at."""
    return Receivers(
        [
            Receiver(
                one.receiver_id, in_language(one.names, visit.language), in_language(one.about, visit.language),
                [Cause(cause) for cause in one.causes],
            )
            for one in receivers_open(visit.session, clock.now())
        ]
    )  # fmt: skip


@operation(
    "POST", "/givings", tag=GIVING, permission=MOVE, status=201,
    errors=(CardNotFound, CardNotUsable, OnlyTheHead, ReceiverNotFound, WrongCause, WrongAmount, PostingRefused),
    asks=Gift(12, 9, Cause.VOW, 500_000), gives=Given(_ENTRY, 500_000, 1_500_000),
)  # fmt: skip
def give_from_card(visit: Visit, body: Gift) -> Given:
    """Give from the money of a card. All of it reaches the receiver; the same key again gives nothing more."""
    holder = holder_of(visit)
    answer = give(
        visit.session, holder.actor, holder.person_id, body.card, body.receiver, body.cause, body.amount_rial, _key(visit)
    )
    return Given(f"{answer.business_date.isoformat()}-{answer.entry_id}", answer.amount, answer.money_balance)


@operation(
    "GET", "/cards/{card_id}/leaving", tag=LEAVING, permission=MOVE, errors=(CardNotFound,), gives=Standing(750_000, 12_000, 0)
)
def leaving_of_card(visit: Visit, card_id: Id) -> Standing:
    """What would come out of a card, and what would be lost."""
    found = standing(visit.session, _wallet_of(visit, card_id))
    return Standing(found.money_rial, found.lapses_rial, found.owed_rial)


@operation(
    "POST", "/cards/{card_id}/leaving", tag=LEAVING, permission=MOVE, status=201, errors=REFUSALS,
    asks=ByBank("IR062960000000100324200001", "زهرا احمدی"), gives=Given(_ENTRY, 750_000, 0),
)  # fmt: skip
def leave_with_card(visit: Visit, card_id: Id, body: ByBank | AsGift) -> Given:
    """Take everything out, to a bank account or as a gift, and close the card. Cash is paid at a desk."""
    _wallet_of(visit, card_id)
    if isinstance(body, ByBank):
        wish = Wish(Way.SHEBA, sheba=body.sheba, holder_name=body.holder_name, knows_loss=body.knows_loss)
    else:
        wish = Wish(Way.GIFT, receiver_id=body.receiver, cause=body.cause, knows_loss=body.knows_loss)
    answer = leave_with_money(visit.session, holder_of(visit).actor, card_id, wish, _key(visit))
    return Given(f"{answer.business_date.isoformat()}-{answer.entry_id}", answer.amount, answer.money_balance)


def _wallet_of(visit: Visit, card_id: int) -> int:
    own = cards_of_person(visit.session, holder_of(visit).person_id)
    wallet_id = next((card.wallet_id for card in own if card.card_id == card_id), None)
    if wallet_id is None:
        raise CardNotFound(card_id=card_id)
    return wallet_id


def _key(visit: Visit) -> Key:
    return Key(clock.now().date(), Source.API, holder_of(visit).sign_in_id, key_of_request(visit))
