"""Shops are told of what they owe their union."""

import sqlalchemy as sa
from alembic import op

revision = "0056_due_notices"
down_revision = "0055_covered"
branch_labels = None
depends_on = None

# What stands in the books already was told by the union itself.
EARLY = 1000


def upgrade() -> None:
    op.add_column("shop_due", sa.Column("told_days", sa.SmallInteger))
    op.execute(f"UPDATE shop_due SET told_days = CASE WHEN due_on <= current_date THEN 0 ELSE {EARLY} END")
    to_tell = sa.text("closed_at IS NULL AND told_days IS DISTINCT FROM 0")
    op.create_index("ix_shop_due_to_tell", "shop_due", ["due_on", "id"], postgresql_where=to_tell)


def downgrade() -> None:
    op.drop_index("ix_shop_due_to_tell", "shop_due")
    op.drop_column("shop_due", "told_days")
