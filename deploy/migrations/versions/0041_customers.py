"""What an office knows of a customer, and letters by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0041_customers"
down_revision = "0040_trades"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("payout_file", "content", nullable=True)
    op.create_index("ix_leaving_account_kept", "leaving", ["answered_at"], postgresql_where=sa.text("sheba IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_leaving_account_kept", "leaving")
    op.execute("DELETE FROM payout_file WHERE content IS NULL")
    op.alter_column("payout_file", "content", nullable=False)
