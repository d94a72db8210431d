"""groups."""

revision = "0033_groups"
down_revision = "0032_app"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
