"""What a place lets pay later or cheaper, and what a night costs there."""

import sqlalchemy as sa
from alembic import op

revision = "0037_terms_of_places"
down_revision = "0036_service"
branch_labels = None
depends_on = None

FLAGS = ("discounts", "instalments")


def upgrade() -> None:
    for flag in FLAGS:
        op.add_column("place", sa.Column(flag, sa.Boolean, server_default="false", nullable=False))
    op.add_column("place", sa.Column("night_rial", sa.BigInteger))


def downgrade() -> None:
    for name in ("night_rial", *FLAGS):
        op.drop_column("place", name)
