"""cards."""

revision = "0026_cards"
down_revision = "0025_terminal_set_up"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
