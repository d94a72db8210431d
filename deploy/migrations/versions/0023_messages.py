"""Messages by SMS and e-mail."""

revision = "0023_messages"
down_revision = "0022_mobile"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
