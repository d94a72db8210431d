"""What the pilgrim's own pages keep."""

revision = "0051_pilgrims"
down_revision = "0050_shop_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
