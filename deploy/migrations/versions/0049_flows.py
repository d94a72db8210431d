"""Arrivals, stays and flows of a city, kept by day."""

revision = "0049_flows"
down_revision = "0048_demand"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
