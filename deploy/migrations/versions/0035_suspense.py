"""suspense."""

revision = "0035_suspense"
down_revision = "0034_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
