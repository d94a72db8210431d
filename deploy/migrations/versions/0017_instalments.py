"""Contracts' terms of instalments and their schedules."""

revision = "0017_instalments"
down_revision = "0016_benefits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
