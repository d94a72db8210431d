"""Shop pages that say when they were written, and fields of a shop's own."""

revision = "0050_shop_pages"
down_revision = "0049_flows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
