"""Days are counted anew, so that what one payer or one shop made up most of is not told any more."""

from alembic import op

revision = "0055_covered"
down_revision = "0054_branch_life"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM visitor_cell c USING visitor_count d WHERE d.day = c.day AND NOT d.is_invented")
    op.execute("UPDATE visitor_count SET age = -1, counted_at = NULL WHERE NOT is_invented")
    op.execute("UPDATE visitor_cell SET amount_rial = 0 WHERE told_by = 'move'")


def downgrade() -> None:
    """What was counted stays: it tells less."""
