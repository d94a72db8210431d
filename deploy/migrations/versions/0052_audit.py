"""What an account did, found by the account."""

from alembic import op

revision = "0052_audit"
down_revision = "0051_pilgrims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entry_account_id_id", "audit_entry", ["account_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_account_id_id", "audit_entry")
