"""A union's quotas and the terms of a whole trade."""

revision = "0040_trades"
down_revision = "0039_municipality"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
