"""What a till may return and take as cash."""

revision = "0010_returns"
down_revision = "0009_onboarding"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
