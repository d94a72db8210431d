"""Discounts taken off at the tills."""

import sqlalchemy as sa
from alembic import op

revision = "0029_terms"
down_revision = "0028_complaints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sale_discount",
        sa.Column("key_date", sa.Date, nullable=False),
        sa.Column("source", sa.SmallInteger, nullable=False),
        sa.Column("source_id", sa.BigInteger, nullable=False),
        sa.Column("source_key", sa.String(60), nullable=False),
        sa.Column("price_rial", sa.BigInteger, nullable=False),
        sa.Column("discount_rial", sa.BigInteger, nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_date", "source", "source_id", "source_key", name="pk_sale_discount"),
        sa.CheckConstraint("discount_rial > 0 AND discount_rial < price_rial", name="ck_sale_discount_discount_rial"),
    )
    op.add_column("sale_terms", sa.Column("discounts_card_prices", sa.Boolean, server_default="false", nullable=False))
    for table in ("priced_line", "settlement_statement"):
        op.add_column(table, sa.Column("discount_rial", sa.BigInteger, server_default="0", nullable=False))


def downgrade() -> None:
    for table in ("settlement_statement", "priced_line"):
        op.drop_column(table, "discount_rial")
    op.drop_column("sale_terms", "discounts_card_prices")
    op.drop_table("sale_discount")
