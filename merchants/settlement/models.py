"""Tables of settlement. All amounts are whole Rial; + is in the shop's favour, commission + is what the shop bears."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key
from merchants.batches.models import BatchException
from merchants.dues.models import DuePayment


class CommissionTerm(Base):
    """Of one merchant, or the default of a kind of shop; `on_instalments` for what is sold so, in place of the usual one.

    `goods` names a category as `loyalty_codes` does: a group of the merchant's own tree (`group:3`) or a mark of products
    (`mark:handicraft`); all goods where it is empty. Holds until the next of the same owner, sort and goods begins, or until
    before `ends_at`; never edited.
    """

    __tablename__ = "commission_term"
    __table_args__ = (
        UniqueConstraint("merchant_id", "goods", "on_instalments", "starts_at"),
        UniqueConstraint("shop_kind", "goods", "on_instalments", "starts_at"),
        CheckConstraint("num_nonnulls(merchant_id, shop_kind) = 1", name="one_owner"),
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        CheckConstraint("most_rial > 0", name="most_rial"),
        CheckConstraint("borne_by IN ('shop', 'network')", name="borne_by"),
        CheckConstraint("goods = '' OR NOT on_instalments", name="goods_at_once"),
        CheckConstraint("goods NOT LIKE 'group:%' OR merchant_id IS NOT NULL", name="group_of_merchant"),
        CheckConstraint("ends_at > starts_at", name="period"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))
    shop_kind: Mapped[str | None] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    basis_points: Mapped[int] = mapped_column(Integer)
    most_rial: Mapped[int | None] = mapped_column(BigInteger)
    borne_by: Mapped[str] = mapped_column(String(8))
    on_instalments: Mapped[bool] = mapped_column(Boolean, server_default="false")
    goods: Mapped[str] = mapped_column(String(24), server_default="")
    ends_at: Mapped[datetime | None]


class CommissionOffer(Base):
    """A commission on a category of goods that one side has proposed; the other's signature makes a `CommissionTerm` of it.

    Never edited: an offer is signed, refused or withdrawn, and another one is another row. `offered_by` and `answered_by` are
    persons.
    """

    __tablename__ = "commission_offer"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'signed', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'signed') = (term_id IS NOT NULL)", name="signed_in_a_term"),
        CheckConstraint("state <> 'signed' OR answered_by <> offered_by", name="two_sides"),
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        CheckConstraint("borne_by IN ('shop', 'network')", name="borne_by"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        Index("ix_commission_offer_merchant_id", "merchant_id", "id"),
        Index("uq_commission_offer_offered", "merchant_id", "goods", unique=True, postgresql_where=text("state = 'offered'")),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    goods: Mapped[str] = mapped_column(String(24))
    basis_points: Mapped[int] = mapped_column(Integer)
    borne_by: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), server_default="offered")
    is_offered_by_shop: Mapped[bool]
    offered_by: Mapped[int | None] = mapped_column(BigInteger)
    offered_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None]
    term_id: Mapped[int | None] = mapped_column(ForeignKey("commission_term.id"), unique=True)


class PricedDay(Base):
    """A closed business day of which every posting batch is priced; nothing can be posted into it any more."""

    __tablename__ = "priced_day"

    business_date: Mapped[date] = mapped_column(Date, primary_key=True)


class PricedBatch(Base):
    """A posting batch that is priced, until its whole day is."""

    __tablename__ = "priced_batch"

    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class PricedLine(Base):
    """One ledger entry that moved a shop's PAYABLE by `gross_rial`; `credit_rial` of it was paid with loyalty credit, and
    `earned_rial` of credit was given for it, below 0 where a return takes it back.

    `discount_rial` is what the till had taken off before; the shop bears it, so it is in no sum of the statement.

    `spared_rial` is the commission that the network bears instead of the shop. `term_id` is null where no term holds, and where
    several do: then the sale has its `PricedShare`s. `statement_id` is null until it is settled.
    """

    __tablename__ = "priced_line"
    __table_args__ = (
        CheckConstraint("part IN ('sale', 'return', 'reversal', 'cash')", name="part"),
        Index("ix_priced_line_merchant", "merchant_id", "business_date", "decided_at", "entry_id"),
        Index("ix_priced_line_open", "merchant_id", "business_date", postgresql_where=text("statement_id IS NULL")),
        Index("ix_priced_line_statement_id", "statement_id", "business_date", "entry_id"),
        Index("ix_priced_line_original", "original_date", "original_id", postgresql_where=text("original_id IS NOT NULL")),
    )

    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    terminal_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[int] = mapped_column(SmallInteger)
    part: Mapped[str] = mapped_column(String(8))
    decided_at: Mapped[datetime]
    gross_rial: Mapped[int] = mapped_column(BigInteger)
    credit_rial: Mapped[int] = mapped_column(BigInteger)
    earned_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    discount_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    commission_rial: Mapped[int] = mapped_column(BigInteger)
    spared_rial: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int | None] = mapped_column(ForeignKey("commission_term.id"))
    original_date: Mapped[date | None] = mapped_column(Date)
    original_id: Mapped[int | None] = mapped_column(BigInteger)
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_statement.id"))


class PricedShare(Base):
    """The part of a sale that one term prices, where its basket falls under several; `place` orders them, `term_id` null = none."""

    __tablename__ = "priced_share"

    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    term_id: Mapped[int | None] = mapped_column(ForeignKey("commission_term.id"))
    gross_rial: Mapped[int] = mapped_column(BigInteger)


class BankAccount(Base):
    """A proposed or decided account. The one paid to at t is the approved one with the latest `usable_from` ≤ t.

    `proposed_by` and `decided_by` are persons, None for the system itself.
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint("status IN ('proposed', 'approved', 'rejected', 'withdrawn')", name="status"),
        CheckConstraint("status <> 'approved' OR decided_by <> proposed_by", name="four_eyes"),
        Index("ix_bank_account_merchant_id", "merchant_id"),
        Index("ix_bank_account_one_proposed", "merchant_id", unique=True, postgresql_where=text("status = 'proposed'")),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    sheba: Mapped[str] = mapped_column(String(26))
    holder_name: Mapped[str] = mapped_column(String(70))
    status: Mapped[str] = mapped_column(String(10), server_default="proposed")
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime]
    usable_from: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(200))


class BankAccountNotice(Base):
    """That a contact of the shop was told of a proposed account."""

    __tablename__ = "bank_account_notice"

    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    told_at: Mapped[datetime]


class BankDay(Base):
    """What is known of a day beyond the calendar: a sighting that moved a holiday, a closure that was announced."""

    __tablename__ = "bank_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_open: Mapped[bool] = mapped_column(Boolean)
    why: Mapped[dict[str, str]] = mapped_column(JSONB)


class SettlementBatch(Base):
    """Every line up to the end of business day `cut_off` that was not settled before.

    `held`, `accepted` and `returned` count its statements in those states; the other payouts are with the bank.
    """

    __tablename__ = "settlement_batch"
    __table_args__ = (Index("ix_settlement_batch_one_a_day", "cut_off", unique=True, postgresql_where=text("is_scheduled")),)

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    cut_off: Mapped[date] = mapped_column(Date)
    is_scheduled: Mapped[bool] = mapped_column(Boolean)
    closed_at: Mapped[datetime]
    expected_at: Mapped[datetime]
    statements: Mapped[int] = mapped_column(Integer)
    payouts: Mapped[int] = mapped_column(Integer)
    held: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int] = mapped_column(Integer, server_default="0")
    returned: Mapped[int] = mapped_column(Integer, server_default="0")
    payout_rial: Mapped[int] = mapped_column(BigInteger)
    commission_rial: Mapped[int] = mapped_column(BigInteger)

    @property
    def states(self) -> dict[str, int]:
        """Payout state → statements, of the states that ask for or tell something."""
        sent = self.payouts - self.accepted - self.returned
        return {"sent": sent, "accepted": self.accepted, "returned": self.returned, "held": self.held}


class Statement(Base):
    """One shop's part of a batch. `payout_state`: none (nothing to pay), held (no bank account), sent, accepted, returned."""

    __tablename__ = "settlement_statement"
    __table_args__ = (
        UniqueConstraint("batch_id", "merchant_id"),
        CheckConstraint(
            "sales_rial + returns_rial + reversals_rial + cash_rial - commission_rial + adjustments_rial + carried_in_rial"
            " = payout_rial + carried_rial",
            name="adds_up",
        ),
        CheckConstraint("payout_rial >= 0", name="payout_rial"),
        CheckConstraint("payout_rial = 0 OR (sheba IS NOT NULL AND carried_rial = 0)", name="paid_whole_or_not"),
        CheckConstraint("payout_state IN ('none', 'held', 'sent', 'accepted', 'returned')", name="payout_state"),
        Index("ix_settlement_statement_batch_id", "batch_id", "id"),
        Index("ix_settlement_statement_merchant_id", "merchant_id", "id"),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("settlement_batch.id"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    lines: Mapped[int] = mapped_column(Integer)
    sales_rial: Mapped[int] = mapped_column(BigInteger)
    returns_rial: Mapped[int] = mapped_column(BigInteger)
    reversals_rial: Mapped[int] = mapped_column(BigInteger)
    cash_rial: Mapped[int] = mapped_column(BigInteger)
    credit_rial: Mapped[int] = mapped_column(BigInteger)
    discount_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    commission_rial: Mapped[int] = mapped_column(BigInteger)
    spared_rial: Mapped[int] = mapped_column(BigInteger)
    adjustments_rial: Mapped[int] = mapped_column(BigInteger)
    carried_in_rial: Mapped[int] = mapped_column(BigInteger)
    payout_rial: Mapped[int] = mapped_column(BigInteger)
    carried_rial: Mapped[int] = mapped_column(BigInteger)
    sheba: Mapped[str | None] = mapped_column(String(26))
    holder_name: Mapped[str | None] = mapped_column(String(70))
    payout_reference: Mapped[str | None] = mapped_column(String(14), unique=True)
    payout_state: Mapped[str] = mapped_column(String(8))
    payout_date: Mapped[date | None] = mapped_column(Date)
    payout_entry: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(200))


class Adjustment(Base):
    """What one statement leaves to a later one (a carried rest, a payout that the bank sent back), what a terminal's batch
    takes out of the next one while a difference is looked into, or gives back to it, and what a shop has its union paid out of it.
    """

    __tablename__ = "settlement_adjustment"
    __table_args__ = (
        CheckConstraint("kind IN ('carried', 'payout_returned', 'suspended', 'released', 'due_paid', 'due_received')", name="kind"),
        CheckConstraint("num_nonnulls(origin_id, exception_id, due_payment_id) = 1", name="one_origin"),
        UniqueConstraint("origin_id", "kind"),
        UniqueConstraint("exception_id", "kind"),
        UniqueConstraint("due_payment_id", "kind"),
        Index("ix_settlement_adjustment_open", "merchant_id", postgresql_where=text("statement_id IS NULL")),
        Index("ix_settlement_adjustment_statement_id", "statement_id"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    kind: Mapped[str] = mapped_column(String(16))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_statement.id"))
    exception_id: Mapped[int | None] = mapped_column(ForeignKey(BatchException.id))
    due_payment_id: Mapped[int | None] = mapped_column(ForeignKey(DuePayment.id))
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_statement.id"))


class StoredPayoutFile(Base):
    """The file as it was made for the bank, with the SHA-256 of its bytes; `content` is null once accounts in it are forgotten."""

    __tablename__ = "payout_file"

    batch_id: Mapped[int] = mapped_column(ForeignKey("settlement_batch.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(4), primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
