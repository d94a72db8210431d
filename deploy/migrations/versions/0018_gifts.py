"""Gift cards and cards issued at the till."""

revision = "0018_gifts"
down_revision = "0017_instalments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
