"""complaints."""

revision = "0028_complaints"
down_revision = "0027_family"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
