"""The web till: shifts and baskets."""

revision = "0013_web_till"
down_revision = "0012_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
