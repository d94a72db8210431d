"""programmes."""

revision = "0031_programmes"
down_revision = "0030_doors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
