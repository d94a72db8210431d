"""Saved views, finished files, webhooks."""

revision = "0015_reports"
down_revision = "0014_staff_security"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
