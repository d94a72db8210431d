"""The calendar that a person reads dates in."""

import sqlalchemy as sa
from alembic import op

revision = "0059_calendar"
down_revision = "0058_thumbnails"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("calendar", sa.String(9)))
    op.create_check_constraint("ck_person_calendar", "person", "calendar IN ('gregorian', 'jalali', 'lunar')")


def downgrade() -> None:
    op.drop_column("person", "calendar")
