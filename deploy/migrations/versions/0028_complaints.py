"""Complaints with their threads and pictures, refunds that unions order, the inspectors of shops and their visits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028_complaints"
down_revision = "0027_family"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
RUNNING = sa.text("closed_at IS NULL AND waiting_since IS NULL AND escalated_at IS NULL")
ALIVE = sa.text("state <> 'withdrawn'")
CAUSES = "'overcharge', 'bad_goods', 'rude', 'wrong_data', 'terminal', 'other'"


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def form() -> sa.Column:
    return sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False)


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def to(owner: str, column: str, table: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(column, sa.BigInteger, sa.ForeignKey(f"{table}.id", name=f"fk_{owner}_{column}_{table}"), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "complaint",
        key(),
        form(),
        to("complaint", "merchant_id", "merchant"),
        to("complaint", "branch_id", "branch", nullable=True),
        to("complaint", "trade_id", "trade", nullable=True),
        to("complaint", "union_id", "organisation", nullable=True),
        to("complaint", "municipality_id", "organisation", nullable=True),
        to("complaint", "inspector_id", "person", nullable=True),
        sa.Column("business_date", sa.Date),
        sa.Column("entry_id", sa.BigInteger),
        sa.Column("amount_rial", sa.BigInteger),
        instant("bought_at", nullable=True),
        sa.Column("lines", postgresql.JSONB, nullable=False, server_default="[]"),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False, server_default=""),
        to("complaint", "person_id", "person", nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        instant("opened_at"),
        instant("changed_at"),
        instant("due_at"),
        instant("waiting_since", nullable=True),
        instant("escalated_at", nullable=True),
        instant("closed_at", nullable=True),
        sa.Column("answer", sa.String(1000)),
        sa.UniqueConstraint("key", name="uq_complaint_key"),
        sa.CheckConstraint("state IN ('acknowledged', 'in_progress', 'waiting', 'resolved', 'refused')", name="ck_complaint_state"),
        sa.CheckConstraint(f"cause IN ({CAUSES})", name="ck_complaint_cause"),
        sa.CheckConstraint("num_nonnulls(union_id, municipality_id) > 0", name="ck_complaint_office_given"),
        sa.CheckConstraint("num_nulls(business_date, entry_id, amount_rial, bought_at) IN (0, 4)", name="ck_complaint_purchase_whole"),
        sa.CheckConstraint("(state IN ('resolved', 'refused')) = (closed_at IS NOT NULL)", name="ck_complaint_closed"),
        sa.CheckConstraint("(state = 'waiting') = (waiting_since IS NOT NULL)", name="ck_complaint_waiting"),
        sa.CheckConstraint("closed_at IS NULL OR answer IS NOT NULL", name="ck_complaint_answered"),
    )
    op.create_index("uq_complaint_purchase_cause_open", "complaint", ["business_date", "entry_id", "cause"], unique=True, postgresql_where=OPEN)
    op.create_index("ix_complaint_union_id_id", "complaint", ["union_id", "id"])
    op.create_index("ix_complaint_municipality_id_id", "complaint", ["municipality_id", "id"])
    op.create_index("ix_complaint_merchant_id_id", "complaint", ["merchant_id", "id"])
    op.create_index("ix_complaint_person_id", "complaint", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL"))
    op.create_index("ix_complaint_due_at", "complaint", ["due_at"], postgresql_where=RUNNING)
    op.create_table(
        "complaint_note",
        key(),
        form(),
        to("complaint_note", "complaint_id", "complaint"),
        sa.Column("party", sa.String(12), nullable=False),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        to("complaint_note", "sign_in_id", "sign_in", nullable=True),
        sa.Column("said_by", sa.String(80), nullable=False),
        instant("at"),
        sa.UniqueConstraint("key", name="uq_complaint_note_key"),
        sa.CheckConstraint("party IN ('complainant', 'shop', 'union', 'municipality', 'system')", name="ck_complaint_note_party"),
        sa.CheckConstraint("audience IN ('all', 'complainant', 'shop', 'office')", name="ck_complaint_note_audience"),
    )
    op.create_index("ix_complaint_note_complaint_id_id", "complaint_note", ["complaint_id", "id"])
    op.create_table(
        "complaint_picture",
        key(),
        to("complaint_picture", "complaint_id", "complaint"),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        instant("at"),
        sa.UniqueConstraint("name", name="uq_complaint_picture_name"),
    )
    op.create_index("ix_complaint_picture_complaint_id", "complaint_picture", ["complaint_id"])
    op.create_table(
        "shop_inspector",
        sa.Column(
            "merchant_id", sa.BigInteger, sa.ForeignKey("merchant.id", name="fk_shop_inspector_merchant_id_merchant"),
            primary_key=True, autoincrement=False,
        ),
        to("shop_inspector", "person_id", "person"),
    )
    op.create_table(
        "refund_order",
        key(),
        form(),
        to("refund_order", "complaint_id", "complaint"),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("why", sa.String(1000), nullable=False),
        sa.Column("state", sa.String(12), nullable=False, server_default="proposed"),
        to("refund_order", "ordered_by", "person"),
        instant("ordered_at"),
        to("refund_order", "confirmed_by", "person", nullable=True),
        instant("paid_at", nullable=True),
        sa.Column("paid_on", sa.Date),
        sa.Column("paid_entry_id", sa.BigInteger),
        instant("appealed_at", nullable=True),
        sa.Column("appeal", sa.String(1000)),
        sa.Column("found", sa.String(1000)),
        sa.UniqueConstraint("key", name="uq_refund_order_key"),
        sa.CheckConstraint("state IN ('proposed', 'withdrawn', 'paid', 'appealed', 'upheld', 'overturned')", name="ck_refund_order_state"),
        sa.CheckConstraint("amount_rial > 0", name="ck_refund_order_amount_rial"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> ordered_by", name="ck_refund_order_four_eyes"),
        sa.CheckConstraint("num_nulls(paid_at, paid_on, paid_entry_id) IN (0, 3)", name="ck_refund_order_paid_whole"),
        sa.CheckConstraint("(state IN ('proposed', 'withdrawn')) = (paid_at IS NULL)", name="ck_refund_order_paid"),
        sa.CheckConstraint("(state IN ('upheld', 'overturned')) <= (found IS NOT NULL)", name="ck_refund_order_found"),
    )
    op.create_index("uq_refund_order_complaint_id_alive", "refund_order", ["complaint_id"], unique=True, postgresql_where=ALIVE)
    op.create_index("ix_refund_order_complaint_id", "refund_order", ["complaint_id"])
    op.create_index(
        "ix_refund_order_paid_on_paid_entry_id", "refund_order", ["paid_on", "paid_entry_id"], postgresql_where=sa.text("paid_on IS NOT NULL")
    )
    op.create_table(
        "inspection",
        key(),
        form(),
        to("inspection", "union_id", "organisation"),
        to("inspection", "merchant_id", "merchant"),
        to("inspection", "inspector_id", "person", nullable=True),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False, server_default="planned"),
        sa.Column("planned_on", sa.Date, nullable=False),
        sa.Column("task", sa.String(1000), nullable=False, server_default=""),
        sa.Column("marks", postgresql.JSONB, nullable=False, server_default="{}"),
        sa.Column("findings", sa.String(1000)),
        sa.Column("outcome", sa.String(10)),
        sa.Column("fine_rial", sa.BigInteger),
        sa.Column("follow_up_on", sa.Date),
        instant("over_at", nullable=True),
        sa.UniqueConstraint("key", name="uq_inspection_key"),
        sa.CheckConstraint("state IN ('planned', 'done', 'called_off')", name="ck_inspection_state"),
        sa.CheckConstraint("reason IN ('planned', 'complaints', 'follow_up')", name="ck_inspection_reason"),
        sa.CheckConstraint("outcome IN ('nothing', 'warning', 'fine')", name="ck_inspection_outcome"),
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="ck_inspection_done_with_outcome"),
        sa.CheckConstraint("(state = 'planned') = (over_at IS NULL)", name="ck_inspection_over"),
        sa.CheckConstraint("(outcome IS NOT DISTINCT FROM 'fine') = (fine_rial IS NOT NULL)", name="ck_inspection_fine_given"),
        sa.CheckConstraint("fine_rial > 0", name="ck_inspection_fine_rial"),
    )
    op.create_index(
        "uq_inspection_merchant_id_complaints", "inspection", ["merchant_id"], unique=True,
        postgresql_where=sa.text("state = 'planned' AND reason = 'complaints'"),
    )
    op.create_index("ix_inspection_union_id_state_planned_on", "inspection", ["union_id", "state", "planned_on", "id"])
    op.create_index("ix_inspection_merchant_id_planned_on", "inspection", ["merchant_id", "planned_on"])
    op.create_table(
        "inspection_picture",
        key(),
        to("inspection_picture", "inspection_id", "inspection"),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        instant("at"),
        sa.UniqueConstraint("name", name="uq_inspection_picture_name"),
    )
    op.create_index("ix_inspection_picture_inspection_id", "inspection_picture", ["inspection_id"])
    op.create_table(
        "trade_index",
        sa.Column("trade_id", sa.BigInteger, sa.ForeignKey("trade.id", name="fk_trade_index_trade_id_trade"), primary_key=True, autoincrement=False),
        sa.Column("complaints", sa.Integer, nullable=False),
        sa.Column("sales", sa.BigInteger, nullable=False),
        sa.Column("median_days", sa.Float(53)),
        instant("counted_at"),
    )


def downgrade() -> None:
    for table in ("trade_index", "inspection_picture", "inspection", "refund_order", "shop_inspector", "complaint_picture", "complaint_note", "complaint"):
        op.drop_table(table)
