"""One-time codes and sessions of staff."""

revision = "0014_staff_security"
down_revision = "0013_web_till"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
