"""Arrivals, stays and flows of a city, kept by day."""

import sqlalchemy as sa
from alembic import op

revision = "0049_flows"
down_revision = "0048_demand"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visitor_count",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("age", sa.SmallInteger, server_default="-1", nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True)),
        sa.Column("is_invented", sa.Boolean, server_default="false", nullable=False),
        sa.CheckConstraint("(age < 0) = (counted_at IS NULL)", name="ck_visitor_count_counted"),
        sa.PrimaryKeyConstraint("day", name="pk_visitor_count"),
    )
    op.create_table(
        "visitor_cell",
        sa.Column("city_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("told_by", sa.String(12), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("within", sa.String(20), nullable=False),
        sa.Column("key", sa.String(20), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("purchases", sa.Integer, nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.CheckConstraint("people >= 10", name="ck_visitor_cell_people"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_visitor_cell_city_id_city"),
        sa.ForeignKeyConstraint(["day"], ["visitor_count.day"], name="fk_visitor_cell_day_visitor_count"),
        sa.PrimaryKeyConstraint("city_id", "told_by", "day", "within", "key", name="pk_visitor_cell"),
    )
    op.create_index("ix_visitor_cell_day", "visitor_cell", ["day"])


def downgrade() -> None:
    for table in ("visitor_cell", "visitor_count"):
        op.drop_table(table)
