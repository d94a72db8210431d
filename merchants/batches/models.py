"""Tables of terminals' batches. All amounts are whole Rial; an effect or a difference is + in the shop's favour."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key
from merchants.batches.rules import Totals

SIDES = ("debits", "debit_reversals", "credits", "credit_reversals")


class TerminalBatch(Base):
    """A closed batch with what its entries add up to; `claimed` are the totals as the terminal told them, under the same names.

    `state`: unclaimed (closed because of its age; the terminal has told nothing), balanced, different (an upload is awaited),
    agreed (what was uploaded is what was booked), case (there are exceptions), decided (all of them are).
    """

    __tablename__ = "terminal_batch"
    __table_args__ = (
        UniqueConstraint("terminal_id", "number"),
        CheckConstraint("state IN ('unclaimed', 'balanced', 'different', 'agreed', 'case', 'decided')", name="state"),
        CheckConstraint("(state = 'unclaimed') = (claimed IS NULL)", name="claimed"),
        CheckConstraint("number > 0", name="number"),
        Index("ix_terminal_batch_case", "id", postgresql_where=text("state = 'case'")),
    )

    id: Mapped[Key]
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    debits: Mapped[int] = mapped_column(Integer)
    debits_rial: Mapped[int] = mapped_column(BigInteger)
    debit_reversals: Mapped[int] = mapped_column(Integer)
    debit_reversals_rial: Mapped[int] = mapped_column(BigInteger)
    credits: Mapped[int] = mapped_column(Integer)
    credits_rial: Mapped[int] = mapped_column(BigInteger)
    credit_reversals: Mapped[int] = mapped_column(Integer)
    credit_reversals_rial: Mapped[int] = mapped_column(BigInteger)
    loyalty_rial: Mapped[int] = mapped_column(BigInteger)
    top_ups_rial: Mapped[int] = mapped_column(BigInteger)
    gifts_rial: Mapped[int] = mapped_column(BigInteger)
    claimed: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))

    @property
    def totals(self) -> Totals:
        return Totals(**{name: getattr(self, name) for name in Totals.__struct_fields__})

    @property
    def claim(self) -> Totals | None:
        return Totals(**self.claimed) if self.claimed is not None else None

    @property
    def is_balanced(self) -> bool:
        """Whether the terminal's first totals were the bank's: what a repeat of them hears."""
        return self.claim == self.totals

    @property
    def is_in_balance(self) -> bool:
        """Whether nothing is left to be found out (DE66)."""
        return self.state in ("balanced", "agreed")

    @property
    def case_number(self) -> str:
        return f"TB{self.id:08d}"


class BatchUpload(Base):
    """One transaction as the terminal has it, and the entry of the ledger that its reference names, if there is one."""

    __tablename__ = "terminal_batch_upload"
    __table_args__ = (CheckConstraint("(business_date IS NULL) = (entry_id IS NULL)", name="entry"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("terminal_batch.id"), primary_key=True)
    mti: Mapped[str] = mapped_column(String(4), primary_key=True)
    stan: Mapped[str] = mapped_column(String(6), primary_key=True)
    code: Mapped[str] = mapped_column(String(6))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(12))
    business_date: Mapped[date | None] = mapped_column(Date)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
    taken_at: Mapped[datetime]


class BatchException(Base):
    """What a person must find out. `terminal_rial` and `bank_rial` are what each side says the shop is owed for it."""

    __tablename__ = "terminal_batch_exception"
    __table_args__ = (
        CheckConstraint("finding IN ('bank_lacks', 'terminal_lacks', 'amount_differs')", name="finding"),
        CheckConstraint("word IN ('found', 'not_found')", name="word"),
        CheckConstraint("(word IS NULL) = (decided_at IS NULL) AND (word IS NULL) = (note IS NULL)", name="decided"),
        Index("ix_terminal_batch_exception_batch_id", "batch_id", "id"),
        Index("ix_terminal_batch_exception_open", "id", postgresql_where=text("word IS NULL")),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("terminal_batch.id"))
    finding: Mapped[str] = mapped_column(String(14))
    stan: Mapped[str] = mapped_column(String(6))
    reference: Mapped[str] = mapped_column(String(12))
    terminal_rial: Mapped[int] = mapped_column(BigInteger)
    bank_rial: Mapped[int] = mapped_column(BigInteger)
    business_date: Mapped[date | None] = mapped_column(Date)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
    raised_at: Mapped[datetime]
    word: Mapped[str | None] = mapped_column(String(9))
    note: Mapped[str | None] = mapped_column(String(200))
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]

    @property
    def difference_rial(self) -> int:
        return self.bank_rial - self.terminal_rial


class HolderReturn(Base):
    """What an exception left in suspense, on its way to the holder of the purchase or top-up that it names; of those that were not
    refused there is one at most. `posted_date` and `posted_entry` are the entry that the holder sees.
    """

    __tablename__ = "holder_return"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'paid', 'refused')", name="state"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'paid' OR posted_entry IS NOT NULL", name="posted"),
        CheckConstraint("amount_rial > 0", name="amount"),
        Index("uq_holder_return_exception_id", "exception_id", unique=True, postgresql_where=text("state <> 'refused'")),
    )

    id: Mapped[Key]
    exception_id: Mapped[int] = mapped_column(ForeignKey("terminal_batch_exception.id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    business_date: Mapped[date] = mapped_column(Date)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    posted_date: Mapped[date | None] = mapped_column(Date)
    posted_entry: Mapped[int | None] = mapped_column(BigInteger)
