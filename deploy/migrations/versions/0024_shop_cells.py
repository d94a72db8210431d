"""Shops counted by cell of the map."""

revision = "0024_shop_cells"
down_revision = "0023_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
