"""Walks and maps that the app takes along."""

revision = "0045_walks"
down_revision = "0044_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
