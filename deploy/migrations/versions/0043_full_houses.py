"""Finding a full house and its waiting list."""

revision = "0043_full_houses"
down_revision = "0042_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
