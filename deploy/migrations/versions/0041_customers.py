"""What an office knows of a customer, and letters by e-mail."""

revision = "0041_customers"
down_revision = "0040_trades"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
