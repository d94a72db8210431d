"""Products, prices, stock and tags."""

revision = "0012_catalogue"
down_revision = "0011_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
