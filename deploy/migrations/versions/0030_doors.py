"""doors."""

revision = "0030_doors"
down_revision = "0029_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
