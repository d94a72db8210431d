"""Tables of instalments. All amounts are whole Rial and not negative."""

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
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class SaleTerms(Base):
    """What a version of a contract says of instalments (no `counts` = none are sold) and of the discount for paying at once.

    `giver_id` is whose lines are taken, anybody's where it is null. `fee_rial` is added to the price once, whatever the number
    of instalments; `shop_basis_points` is the commission on what is sold so, in place of the shop's usual one. Goods at a card
    price have the discount only where the contract `discounts_card_prices`. Never edited: an offer is signed, refused or withdrawn,
    and other terms are another row. `offered_by` and `answered_by` are persons.
    """

    __tablename__ = "sale_terms"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'signed', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'signed') = (contract_id IS NOT NULL)", name="signed_in_a_contract"),
        CheckConstraint("state <> 'signed' OR answered_by <> offered_by", name="two_sides"),
        CheckConstraint("num_nonnulls(every_months, every_days) = 1", name="one_interval"),
        CheckConstraint("every_months BETWEEN 1 AND 6 OR every_days BETWEEN 10 AND 120", name="interval"),
        CheckConstraint("least_rial > 0 AND least_rial <= most_rial AND fee_rial >= 0", name="amounts"),
        CheckConstraint(
            "shop_basis_points BETWEEN 0 AND 10000 AND cash_discount_basis_points BETWEEN 0 AND 9999", name="basis_points"
        ),
        Index("ix_sale_terms_merchant_id", "merchant_id", "id"),
        Index("uq_sale_terms_offered", "merchant_id", unique=True, postgresql_where=text("state = 'offered'")),
    )  # fmt: skip

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), unique=True)
    counts: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    least_rial: Mapped[int] = mapped_column(BigInteger)
    most_rial: Mapped[int] = mapped_column(BigInteger)
    every_months: Mapped[int | None] = mapped_column(SmallInteger)
    every_days: Mapped[int | None] = mapped_column(SmallInteger)
    fee_rial: Mapped[int] = mapped_column(BigInteger)
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    shop_basis_points: Mapped[int] = mapped_column(Integer)
    cash_discount_basis_points: Mapped[int] = mapped_column(Integer)
    discounts_card_prices: Mapped[bool] = mapped_column(Boolean, server_default="false")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), server_default="offered")
    is_offered_by_shop: Mapped[bool]
    offered_by: Mapped[int | None] = mapped_column(BigInteger)
    offered_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None]


class CreditLine(Base):
    """What `giver_id` lends the holder of a wallet: at most `limit_rial` open at once. `account_id` is null until it is given."""

    __tablename__ = "credit_line"
    __table_args__ = (
        CheckConstraint("limit_rial >= 0", name="limit_rial"),
        CheckConstraint("account_id IS NOT NULL OR limit_rial = 0", name="given"),
        Index("uq_credit_line_open", "wallet_id", "giver_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_credit_line_giver_id", "giver_id", "id"),
    )  # fmt: skip

    id: Mapped[Key]
    giver_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    card_id: Mapped[int] = mapped_column(BigInteger)
    wallet_id: Mapped[int] = mapped_column(BigInteger)
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    account_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    limit_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class LineWish(Base):
    """A limit that one person asks for and another grants; below the one in force it needs nobody else."""

    __tablename__ = "credit_line_wish"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'refused')", name="state"),
        CheckConstraint("limit_rial > 0", name="limit_rial"),
        CheckConstraint("state <> 'granted' OR decided_by <> asked_by", name="four_eyes"),
        Index("uq_credit_line_wish_asked", "line_id", unique=True, postgresql_where=text("state = 'asked'")),
    )

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("credit_line.id"))
    limit_rial: Mapped[int] = mapped_column(BigInteger)
    why: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8), server_default="asked")
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]


class Quote(Base):
    """What a till was told, for one card: it may sell on it once, until `expires_at`.."""

    __tablename__ = "instalment_quote"
    __table_args__ = (Index("ix_instalment_quote_expires_at", "expires_at"),)

    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    card_id: Mapped[int] = mapped_column(BigInteger)
    line_id: Mapped[int] = mapped_column(ForeignKey("credit_line.id"))
    terms_id: Mapped[int] = mapped_column(ForeignKey("sale_terms.id"))
    price_rial: Mapped[int] = mapped_column(BigInteger)
    fee_rial: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[list[date]] = mapped_column(ARRAY(Date))
    parts_rial: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    expires_at: Mapped[datetime]
    is_used: Mapped[bool] = mapped_column(server_default="false")


class Plan(Base):
    """A purchase in instalments: its ledger entry, and the price with the fee in `amount_rial`."""

    __tablename__ = "instalment_plan"
    __table_args__ = (
        UniqueConstraint("entry_date", "entry_id"),
        CheckConstraint("amount_rial > 0 AND fee_rial BETWEEN 0 AND amount_rial", name="amounts"),
        Index("ix_instalment_plan_line_id", "line_id", "id"),
        Index("ix_instalment_plan_merchant_id", "merchant_id", "id"),
    )

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("credit_line.id"))
    terms_id: Mapped[int] = mapped_column(ForeignKey("sale_terms.id"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    entry_date: Mapped[date] = mapped_column(Date)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    fee_rial: Mapped[int] = mapped_column(BigInteger)
    bought_at: Mapped[datetime]


class Instalment(Base):
    """One part of a plan. Open of it is `amount_rial` less what was paid and what goods brought back have taken off.

    `tries` counts the collector's turns; `tried_on` is the last one's day, and `fault` why it brought nothing.
    """

    __tablename__ = "instalment"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint(
            "paid_rial >= 0 AND returned_rial >= 0 AND paid_rial + returned_rial <= amount_rial", name="never_more_than_due"
        ),
        Index("ix_instalment_open", "due_on", "plan_id", postgresql_where=text("paid_rial + returned_rial < amount_rial")),
    )  # fmt: skip

    plan_id: Mapped[int] = mapped_column(ForeignKey("instalment_plan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    due_on: Mapped[date] = mapped_column(Date)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    paid_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    returned_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    tried_on: Mapped[date | None] = mapped_column(Date)
    fault: Mapped[int | None] = mapped_column(SmallInteger)

    @property
    def open_rial(self) -> int:
        return self.amount_rial - self.paid_rial - self.returned_rial


class InstalmentPayment(Base):
    """Money that went to a plan, oldest instalment first; `is_due` = collected on a due day, else paid by the holder."""

    __tablename__ = "instalment_payment"
    __table_args__ = (Index("ix_instalment_payment_plan_id", "plan_id"),)

    entry_date: Mapped[date] = mapped_column(Date, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    plan_id: Mapped[int] = mapped_column(ForeignKey("instalment_plan.id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    is_due: Mapped[bool]
    paid_at: Mapped[datetime]
