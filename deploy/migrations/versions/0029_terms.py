"""terms."""

revision = "0029_terms"
down_revision = "0028_complaints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
