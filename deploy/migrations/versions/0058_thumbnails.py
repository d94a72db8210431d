"""Photos so small that packs for phones hold them; those of before get theirs when the next packs are made."""

import sqlalchemy as sa
from alembic import op

revision = "0058_thumbnails"
down_revision = "0057_codes_asked"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("place_photo", sa.Column("tiny", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("place_photo", "tiny")
