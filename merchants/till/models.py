"""Tables of the web till. All amounts are whole Rial and not negative."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

OPEN = text("closed_at IS NULL")


class TillShift(Base):
    """`expected_rial` is the cash that should be there at the cash-up, `counted_rial` what was; `why` explains a difference.

    The totals are what the shift's standing sales, top-ups and debts paid in cash came to when it was closed; `cash_sale_rial` is what cards
    without money were shown for and their holders paid in cash. `top_up_key` is
    the key of a top-up that was sent and whose answer nobody has seen yet.
    """

    __tablename__ = "till_shift"
    __table_args__ = (
        Index("uq_till_shift_terminal_id_open", "terminal_id", unique=True, postgresql_where=OPEN),
        Index("uq_till_shift_person_id_open", "person_id", unique=True, postgresql_where=OPEN),
        Index("ix_till_shift_terminal_id_opened_at", "terminal_id", "opened_at"),
        CheckConstraint("opening_rial >= 0 AND counted_rial >= 0 AND expected_rial >= 0", name="cash"),
        CheckConstraint(
            "num_nulls(closed_at, counted_rial, expected_rial, card_rial, credit_rial, gift_rial, top_up_rial, debt_rial)"
            " IN (0, 8)",
            name="closed_whole",
        ),
        CheckConstraint("counted_rial = expected_rial OR why IS NOT NULL", name="difference_explained"),
    )

    id: Mapped[Key]
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    opening_rial: Mapped[int] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None]
    counted_rial: Mapped[int | None] = mapped_column(BigInteger)
    expected_rial: Mapped[int | None] = mapped_column(BigInteger)
    card_rial: Mapped[int | None] = mapped_column(BigInteger)
    credit_rial: Mapped[int | None] = mapped_column(BigInteger)
    gift_rial: Mapped[int | None] = mapped_column(BigInteger)
    top_up_rial: Mapped[int | None] = mapped_column(BigInteger)
    debt_rial: Mapped[int | None] = mapped_column(BigInteger)
    cash_sale_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    top_up_key: Mapped[str | None] = mapped_column(UUID(as_uuid=False))
    why: Mapped[str | None] = mapped_column(String(200))


class TillPrinter(Base):
    """The receipt printer of a web till in the shop's own network; `host` is an address, never a name."""

    __tablename__ = "till_printer"
    __table_args__ = (CheckConstraint("width_mm IN (58, 80)", name="width_mm"),)

    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"), primary_key=True, autoincrement=False)
    host: Mapped[str] = mapped_column(String(45))
    width_mm: Mapped[int] = mapped_column(SmallInteger)
    opens_drawer: Mapped[bool]


class ReceiptText(Base):
    """What a shop has printed on each of its receipts, language → one line above and one below."""

    __tablename__ = "receipt_text"

    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), primary_key=True, autoincrement=False)
    head: Mapped[dict[str, str]] = mapped_column(JSONB)
    foot: Mapped[dict[str, str]] = mapped_column(JSONB)


class TillSale(Base):
    """A basket and the key under which its payment is asked for. What came of it stands in the ledger, not here.

    Goods leave the stock under `goods_key`, the key of the first try for this basket, so that they leave once.
    """

    __tablename__ = "till_sale"
    __table_args__ = (
        Index("ix_till_sale_shift_id_created_at", "shift_id", "created_at"),
        Index("ix_till_sale_goods_key", "goods_key"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
    )

    key: Mapped[str] = mapped_column(UUID(as_uuid=False), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("till_shift.id"))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    goods_key: Mapped[str] = mapped_column(UUID(as_uuid=False))
    retry_of: Mapped[str | None] = mapped_column(ForeignKey("till_sale.key"), unique=True)
    created_at: Mapped[datetime]
