"""The web till: shifts and baskets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_web_till"
down_revision = "0012_catalogue"
branch_labels = None
depends_on = None

KINDS = ("counter", "kiosk", "portable")
OPEN = sa.text("closed_at IS NULL")
CLOSING = ("closed_at", "counted_rial", "expected_rial", "card_rial", "credit_rial", "gift_rial", "top_up_rial")


def limit_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("ck_terminal_kind", "terminal", type_="check")
    op.create_check_constraint("ck_terminal_kind", "terminal", f"kind IN ({listed})")


def upgrade() -> None:
    limit_kinds((*KINDS, "web"))
    op.create_table(
        "till_shift",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("terminal_id", sa.BigInteger, sa.ForeignKey("terminal.id", name="fk_till_shift_terminal_id_terminal"), nullable=False),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id", name="fk_till_shift_person_id_person"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opening_rial", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        *(sa.Column(name, sa.BigInteger) for name in CLOSING[1:]),
        sa.Column("why", sa.String(200)),
        sa.CheckConstraint("opening_rial >= 0 AND counted_rial >= 0 AND expected_rial >= 0", name="ck_till_shift_cash"),
        sa.CheckConstraint(f"num_nulls({', '.join(CLOSING)}) IN (0, 7)", name="ck_till_shift_closed_whole"),
        sa.CheckConstraint("counted_rial = expected_rial OR why IS NOT NULL", name="ck_till_shift_difference_explained"),
    )
    for owner in ("terminal_id", "person_id"):
        op.create_index(f"uq_till_shift_{owner}_open", "till_shift", [owner], unique=True, postgresql_where=OPEN)
    op.create_index("ix_till_shift_terminal_id_opened_at", "till_shift", ["terminal_id", "opened_at"])
    op.create_table(
        "till_sale",
        sa.Column("key", postgresql.UUID(as_uuid=False), primary_key=True),
        sa.Column("shift_id", sa.BigInteger, sa.ForeignKey("till_shift.id", name="fk_till_sale_shift_id_till_shift"), nullable=False),
        sa.Column("lines", postgresql.JSONB, nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("goods_key", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column(
            "retry_of", postgresql.UUID(as_uuid=False), sa.ForeignKey("till_sale.key", name="fk_till_sale_retry_of_till_sale")
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("retry_of", name="uq_till_sale_retry_of"),
        sa.CheckConstraint("amount_rial > 0", name="ck_till_sale_amount_rial"),
    )
    op.create_index("ix_till_sale_shift_id_created_at", "till_sale", ["shift_id", "created_at"])


def downgrade() -> None:
    op.drop_table("till_sale")
    op.drop_table("till_shift")
    op.execute("UPDATE terminal SET kind = 'counter' WHERE kind = 'web'")
    limit_kinds(KINDS)
