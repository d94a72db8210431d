"""A municipality's zones, permits, works notices and campaigns."""

revision = "0039_municipality"
down_revision = "0038_quality"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
