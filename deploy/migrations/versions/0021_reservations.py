"""Lodging, programmes, bookings and waiting lists."""

revision = "0021_reservations"
down_revision = "0020_directory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
