"""Goods brought back: a part of a purchase or all of it, as often as something is left, in any branch of the shop."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from cardbank.errors import WrongAmount
from identity.permissions import Identity
from kernel import audit, clock
from merchants.debts.services import follow_sale
from merchants.sales.counter import at_once
from merchants.sales.rules import Refund, SaleOutcome
from merchants.sales.services import Office, refund_sale
from merchants.stock.services.moving import take_back
from merchants.till.errors import ShiftIsClosed, WrongReturn
from merchants.till.queries import SaleRow, ShiftRow, key_of
from merchants.till.rules import MOST_SALE_RIAL, Line, content_hash
from merchants.till.services.goods import goods_of
from merchants.till.services.selling import DEADLINE, profile_of


def give_back(
    session: Session,
    identity: Identity,
    office: Office,
    shift: ShiftRow,
    key: str,
    *,
    original: tuple[date, int],
    amount_rial: int,
    sale: SaleRow | None = None,
    counts: Mapping[int, int] | None = None,
) -> SaleOutcome:
    """Refund `amount_rial` of a purchase of this shop. `counts` are pieces by line of its basket that go back on the shelf.

    The same key again hears the same answer and moves nothing. Raises ShiftIsClosed, WrongAmount, WrongReturn,
    WrongRequestKey, OutcomeUnknown.
    """
    if not shift.is_open:
        raise ShiftIsClosed
    if not 0 < amount_rial <= MOST_SALE_RIAL:
        raise WrongAmount(field="amount")
    back = _lines_back(sale, counts or {})
    now = clock.now()
    asked = Refund(
        key=key_of(shift.shift.terminal_id, key), content_hash=content_hash("return", *original, amount_rial), content_time="",
        terminal=profile_of(session, shift.code), original=original, amount_rial=amount_rial, received_at=now,
        deadline=now + DEADLINE, is_repeat=True,
    )  # fmt: skip
    outcome = at_once(refund_sale(office, asked))
    if outcome.answer.reason.is_approved:
        facts = {"amount_rial": amount_rial, "day": original[0].isoformat(), "entry": original[1]}
        audit.record(session, identity.actor, "return", "till sale", sale.key if sale else original[1], after=facts)
        if sale is not None and (goods := goods_of(back)):
            take_back(session, identity.actor, shift.branch_id, goods, key, sale.goods_key)
        if sale is not None:
            follow_sale(session, sale.goods_key)
    return outcome


def _lines_back(sale: SaleRow | None, counts: Mapping[int, int]) -> list[Line]:
    """Raises WrongReturn for a line that is not there or has fewer pieces."""
    lines = sale.lines if sale else ()
    back = []
    for position, count in counts.items():
        if not 0 <= position < len(lines) or not 0 <= count <= lines[position].count:
            raise WrongReturn(field="counts", line=position + 1)
        if count:
            line = lines[position]
            back.append(Line(line.text, count, line.each_rial, line.product_id))
    return back
