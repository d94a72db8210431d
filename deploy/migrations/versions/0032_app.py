"""app."""

revision = "0032_app"
down_revision = "0031_programmes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
