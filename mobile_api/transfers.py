"""Moving money between one's own cards."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field

from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused, SameWallet, WrongAmount
from cardbank.families.errors import OnlyTheHead
from cardbank.ledger.types import Key, Source
from cardbank.transfers import transfer_own
from identity.permissions import Permission
from kernel import clock
from kernel.web.visit import Visit
from mobile_api.contract import key_of_request, operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Id, Rial

TAG = "Purses"


class Transfer(Struct, forbid_unknown_fields=True):
    """Both are cards of the caller that lead to different wallets; the family's card is one of them where there is one."""

    source: Id = field(name="from")
    target: Id = field(name="to")
    amount_rial: Annotated[Rial, Meta(gt=0)]


class Moved(Struct):
    """`entry` opens the receipt; `left_rial` is what the money of the first card came to."""

    entry: str
    amount_rial: Rial
    left_rial: Rial


@operation(
    "POST", "/transfers", tag=TAG, permission=Permission.CARDBANK_MONEY_MOVE, status=201,
    errors=(CardNotFound, CardNotUsable, SameWallet, WrongAmount, OnlyTheHead, PostingRefused),
    asks=Transfer(12, 13, 500_000), gives=Moved(f"{date(2026, 11, 22).isoformat()}-2048", 500_000, 1_500_000),
)  # fmt: skip
def transfer_money(visit: Visit, body: Transfer) -> Moved:
    """Move money between two of my cards, at once and without a fee. The same key again moves nothing more."""
    holder = holder_of(visit)
    key = Key(clock.now().date(), Source.API, holder.sign_in_id, key_of_request(visit))
    answer = transfer_own(visit.session, holder.actor, holder.person_id, body.source, body.target, body.amount_rial, key)
    return Moved(f"{answer.business_date.isoformat()}-{answer.entry_id}", answer.amount, answer.money_balance)
