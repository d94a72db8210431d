"""Finding a full house: what is let in a whole city on some nights, read from one index. Dates of programmes that follow the moon."""

import sqlalchemy as sa
from alembic import op

revision = "0043_full_houses"
down_revision = "0042_kinds"
branch_labels = None
depends_on = None

MOON = ("moon_year", "moon_month", "moon_day")


def upgrade() -> None:
    op.create_index(
        "ix_occupation_nights", "occupation", ["nights"], postgresql_using="gist", postgresql_include=["unit_id", "bed", "held_until"],
        postgresql_where=sa.text("released_at IS NULL"),
    )  # fmt: skip
    for column in MOON:
        op.add_column("shrine_session", sa.Column(column, sa.SmallInteger))
    op.create_check_constraint("ck_shrine_session_moon", "shrine_session", f"num_nonnulls({', '.join(MOON)}) IN (0, 3)")
    op.create_index(
        "ix_shrine_session_moon_year_moon_month", "shrine_session", ["moon_year", "moon_month"],
        postgresql_where=sa.text("moon_year IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    for column in reversed(MOON):
        op.drop_column("shrine_session", column)
    op.drop_index("ix_occupation_nights", "occupation")
