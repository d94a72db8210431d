"""family."""

revision = "0027_family"
down_revision = "0026_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
