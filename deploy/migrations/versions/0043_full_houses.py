"""Finding a full house: what is let in a whole city on some nights, read from one index."""

import sqlalchemy as sa
from alembic import op

revision = "0043_full_houses"
down_revision = "0042_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_occupation_nights", "occupation", ["nights"], postgresql_using="gist", postgresql_include=["unit_id", "bed", "held_until"],
        postgresql_where=sa.text("released_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_occupation_nights", "occupation")
