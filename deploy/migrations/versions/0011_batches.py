"""Terminal batches."""

revision = "0011_batches"
down_revision = "0010_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
