"""A first card asked for, and papers shown, by the API."""

revision = "0044_requests"
down_revision = "0043_full_houses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
