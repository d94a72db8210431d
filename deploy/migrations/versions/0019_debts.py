"""What customers owe a shop, and what the web till lacked: its printer, the key of an open top-up, gifts of goods."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019_debts"
down_revision = "0018_gifts"
branch_labels = None
depends_on = None

CLOSING = ("closed_at", "counted_rial", "expected_rial", "card_rial", "credit_rial", "gift_rial", "top_up_rial")
MOVEMENTS = ("intake", "sale", "return", "count", "loss")
OPEN = sa.text("closed_at IS NULL")


def close_whole(columns: tuple[str, ...]) -> None:
    op.drop_constraint("ck_till_shift_closed_whole", "till_shift", type_="check")
    op.create_check_constraint(
        "ck_till_shift_closed_whole", "till_shift", f"num_nulls({', '.join(columns)}) IN (0, {len(columns)})"
    )


def limit_movements(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("ck_stock_movement_kind", "stock_movement", type_="check")
    op.create_check_constraint("ck_stock_movement_kind", "stock_movement", f"kind IN ({listed})")


def to(column: str, table: str, owner: str, *, target: str = "id") -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.{target}", name=f"fk_{owner}_{column}_{table}")


def upgrade() -> None:
    op.add_column("till_shift", sa.Column("top_up_key", postgresql.UUID(as_uuid=False)))
    op.add_column("till_shift", sa.Column("debt_rial", sa.BigInteger))
    op.execute("UPDATE till_shift SET debt_rial = 0 WHERE closed_at IS NOT NULL")
    close_whole((*CLOSING, "debt_rial"))
    limit_movements((*MOVEMENTS, "gift"))
    op.create_table(
        "till_printer",
        sa.Column("terminal_id", sa.BigInteger, to("terminal_id", "terminal", "till_printer"), primary_key=True, autoincrement=False),
        sa.Column("host", sa.String(45), nullable=False),
        sa.Column("width_mm", sa.SmallInteger, nullable=False),
        sa.Column("opens_drawer", sa.Boolean, nullable=False),
        sa.CheckConstraint("width_mm IN (58, 80)", name="ck_till_printer_width_mm"),
    )
    op.create_table(
        "debt",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("branch_id", sa.BigInteger, to("branch_id", "branch", "debt"), nullable=False),
        sa.Column("customer", sa.String(80), nullable=False),
        sa.Column("card_id", sa.BigInteger, to("card_id", "card", "debt")),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("forgiven_why", sa.String(200)),
        sa.UniqueConstraint("key", name="uq_debt_key"),
        sa.CheckConstraint("amount_rial > 0", name="ck_debt_amount_rial"),
        sa.CheckConstraint("customer <> ''", name="ck_debt_customer"),
        sa.CheckConstraint("forgiven_why IS NULL OR closed_at IS NOT NULL", name="ck_debt_forgiven_is_closed"),
    )
    op.create_index("ix_debt_branch_id_open", "debt", ["branch_id", "due_on", "id"], postgresql_where=OPEN)
    op.create_index("ix_debt_branch_id_id", "debt", ["branch_id", "id"])
    op.create_table(
        "debt_payment",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("debt_id", sa.BigInteger, to("debt_id", "debt", "debt_payment"), nullable=False),
        sa.Column("shift_id", sa.BigInteger, to("shift_id", "till_shift", "debt_payment"), nullable=False),
        sa.Column("way", sa.String(4), nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("key", name="uq_debt_payment_key"),
        sa.CheckConstraint("way IN ('cash', 'card')", name="ck_debt_payment_way"),
        sa.CheckConstraint("amount_rial > 0", name="ck_debt_payment_amount_rial"),
    )
    op.create_index("ix_debt_payment_debt_id", "debt_payment", ["debt_id", "id"])
    op.create_index("ix_debt_payment_shift_id", "debt_payment", ["shift_id"])
    op.create_index("ix_till_sale_goods_key", "till_sale", ["goods_key"])


def downgrade() -> None:
    op.drop_index("ix_till_sale_goods_key", "till_sale")
    op.drop_table("debt_payment")
    op.drop_table("debt")
    op.drop_table("till_printer")
    op.execute("UPDATE stock_movement SET kind = 'loss' WHERE kind = 'gift'")
    limit_movements(MOVEMENTS)
    close_whole(CLOSING)
    op.drop_column("till_shift", "debt_rial")
    op.drop_column("till_shift", "top_up_key")
