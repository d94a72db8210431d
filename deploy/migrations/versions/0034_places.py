"""places."""

revision = "0034_places"
down_revision = "0033_groups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
