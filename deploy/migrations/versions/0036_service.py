"""service."""

revision = "0036_service"
down_revision = "0035_suspense"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
