"""Shrines, gates, services, lodging and stops of a city."""

revision = "0020_directory"
down_revision = "0019_debts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
