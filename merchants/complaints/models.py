"""Tables of complaints and refund orders. Amounts are whole Rial and above zero.

A purchase is named by its entry in the ledger (business day, id), which no foreign key leads to.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

STATES = "state IN ('acknowledged', 'in_progress', 'waiting', 'resolved', 'refused')"
OPEN = text("closed_at IS NULL")
RUNNING = text("closed_at IS NULL AND waiting_since IS NULL AND escalated_at IS NULL")
HERS = text("union_id IS NULL OR escalated_at IS NOT NULL")
ALIVE = text("state <> 'withdrawn'")


class Complaint(Base):
    """`key` is of the form that made it. `lines` are what was bought, each with the ceiling of that time, as far as it is known.

    `person_id` is who complained signed in; `mobile_sealed` the number of who wants to be told. `due_at` moves by as long as the
    complainant is waited for; from `escalated_at` on the municipality sees it too. `answer` is the decision's words.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint(STATES, name="state"),
        CheckConstraint("cause IN ('overcharge', 'bad_goods', 'rude', 'wrong_data', 'terminal', 'other')", name="cause"),
        CheckConstraint("num_nonnulls(union_id, municipality_id) > 0", name="office_given"),
        CheckConstraint("num_nulls(business_date, entry_id, amount_rial, bought_at) IN (0, 4)", name="purchase_whole"),
        CheckConstraint("(state IN ('resolved', 'refused')) = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(state = 'waiting') = (waiting_since IS NOT NULL)", name="waiting"),
        CheckConstraint("closed_at IS NULL OR answer IS NOT NULL", name="answered"),
        Index("uq_complaint_purchase_cause_open", "business_date", "entry_id", "cause", unique=True, postgresql_where=OPEN),
        Index("ix_complaint_union_id_id", "union_id", "id"),
        Index("ix_complaint_municipality_id_id", "municipality_id", "id"),
        Index(
            "ix_complaint_municipality_id_id_hers", "municipality_id", "id", postgresql_where=HERS,
            postgresql_include=["closed_at", "waiting_since", "due_at", "state", "trade_id"],
        ),
        Index("ix_complaint_merchant_id_id", "merchant_id", "id"),
        Index("ix_complaint_person_id", "person_id", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_complaint_due_at", "due_at", postgresql_where=RUNNING),
    )  # fmt: skip

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    trade_id: Mapped[int | None] = mapped_column(ForeignKey("trade.id"))
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    business_date: Mapped[date | None] = mapped_column(Date)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
    amount_rial: Mapped[int | None] = mapped_column(BigInteger)
    bought_at: Mapped[datetime | None]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    cause: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(String(1000), server_default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(1000))


class ComplaintNote(Base):
    """One sentence of the thread. `key` is of its form; `said_by` is a person's name, empty for a complainant and for the system."""

    __tablename__ = "complaint_note"
    __table_args__ = (
        CheckConstraint("party IN ('complainant', 'shop', 'union', 'municipality', 'system')", name="party"),
        CheckConstraint("audience IN ('all', 'complainant', 'shop', 'office')", name="audience"),
        Index("ix_complaint_note_complaint_id_id", "complaint_id", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    party: Mapped[str] = mapped_column(String(12))
    audience: Mapped[str] = mapped_column(String(12))
    act: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(1000))
    sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    said_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class Picture:
    """A photo beside anything: `name` is random and names the stored file."""

    name: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class ComplaintPicture(Picture, Base):
    """What the complainant photographed."""

    __tablename__ = "complaint_picture"
    __table_args__ = (Index("ix_complaint_picture_complaint_id", "complaint_id"),)

    id: Mapped[Key]
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))


class ShopInspector(Base):
    """Who of the union looks after a shop: its complaints come to this person first."""

    __tablename__ = "shop_inspector"

    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class RefundOrder(Base):
    """A refund that a union imposes. `key` names its request to the ledger, so that it is paid once however often it is asked for.

    `confirmed_by` is the second person of the union, null where the shop itself consented. The refund's own entry stands in
    `paid_on` and `paid_entry_id`. An appeal is answered by the municipality.
    """

    __tablename__ = "refund_order"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'withdrawn', 'paid', 'appealed', 'upheld', 'overturned')", name="state"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> ordered_by", name="four_eyes"),
        CheckConstraint("num_nulls(paid_at, paid_on, paid_entry_id) IN (0, 3)", name="paid_whole"),
        CheckConstraint("(state IN ('proposed', 'withdrawn')) = (paid_at IS NULL)", name="paid"),
        CheckConstraint("(state IN ('upheld', 'overturned')) <= (found IS NOT NULL)", name="found"),
        Index("uq_refund_order_complaint_id_alive", "complaint_id", unique=True, postgresql_where=ALIVE),
        Index("ix_refund_order_paid_on_paid_entry_id", "paid_on", "paid_entry_id", postgresql_where=text("paid_on IS NOT NULL")),
        Index("ix_refund_order_complaint_id", "complaint_id"),
        Index("ix_refund_order_complaint_id_appealed", "complaint_id", postgresql_where=text("appealed_at IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    why: Mapped[str] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(12), server_default="proposed")
    ordered_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ordered_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    paid_at: Mapped[datetime | None]
    paid_on: Mapped[date | None] = mapped_column(Date)
    paid_entry_id: Mapped[int | None] = mapped_column(BigInteger)
    appealed_at: Mapped[datetime | None]
    appeal: Mapped[str | None] = mapped_column(String(1000))
    found: Mapped[str | None] = mapped_column(String(1000))


class TradeIndex(Base):
    """Of one trade in the last quarter, as counted at `counted_at`; `median_days` is null where nothing was decided."""

    __tablename__ = "trade_index"

    trade_id: Mapped[int] = mapped_column(ForeignKey("trade.id"), primary_key=True, autoincrement=False)
    complaints: Mapped[int] = mapped_column(Integer)
    sales: Mapped[int] = mapped_column(BigInteger)
    median_days: Mapped[float | None] = mapped_column(Float(53))
    counted_at: Mapped[datetime]
