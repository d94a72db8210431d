"""Kinds of card that hold no money, and orders of cards."""

revision = "0042_kinds"
down_revision = "0041_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
