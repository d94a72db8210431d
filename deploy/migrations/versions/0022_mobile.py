"""Sign-ins and requests of the pilgrim's API."""

revision = "0022_mobile"
down_revision = "0021_reservations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
