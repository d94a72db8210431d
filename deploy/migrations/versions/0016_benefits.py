"""Organisations fund benefit purses."""

revision = "0016_benefits"
down_revision = "0015_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
