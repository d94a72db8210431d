"""What pilgrims look for, counted by day, place and kind."""

revision = "0048_demand"
down_revision = "0047_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
