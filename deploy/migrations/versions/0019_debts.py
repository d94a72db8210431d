"""What customers owe a shop."""

revision = "0019_debts"
down_revision = "0018_gifts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
