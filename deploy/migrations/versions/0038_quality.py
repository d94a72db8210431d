"""What the network knows of its shops' records, kept."""

revision = "0038_quality"
down_revision = "0037_terms_of_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
