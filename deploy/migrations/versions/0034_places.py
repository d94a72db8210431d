"""What is kept of places by hand: photos, how crowded they are, the ways between them."""

import sqlalchemy as sa
from alembic import op

revision = "0034_places"
down_revision = "0033_groups"
branch_labels = None
depends_on = None


def place(table: str, column: str = "place_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["place.id"], name=f"fk_{table}_{column}_place")


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "place_photo",
        key(),
        sa.Column("place_id", sa.BigInteger, nullable=False),
        sa.Column("caption", sa.String(160), nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("licence", sa.String(40), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        instant("added_at"),
        sa.Column("large", sa.LargeBinary, nullable=False),
        sa.Column("small", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_place_photo"),
        place("place_photo"),
    )
    op.create_index("ix_place_photo_place_id", "place_photo", ["place_id", "id"])
    op.create_table(
        "crowd_note",
        key(),
        sa.Column("place_id", sa.BigInteger, nullable=False),
        sa.Column("level", sa.String(4), nullable=False),
        instant("told_at"),
        instant("holds_until"),
        sa.CheckConstraint("level IN ('calm', 'busy', 'full')", name="ck_crowd_note_level"),
        sa.PrimaryKeyConstraint("id", name="pk_crowd_note"),
        place("crowd_note"),
    )
    op.create_index("ix_crowd_note_place_id", "crowd_note", ["place_id", sa.text("id DESC")])
    op.create_table(
        "place_way",
        key(),
        sa.Column("low_id", sa.BigInteger, nullable=False),
        sa.Column("high_id", sa.BigInteger, nullable=False),
        sa.Column("metres", sa.Integer, nullable=False),
        sa.Column("has_steps", sa.Boolean, nullable=False),
        sa.Column("for_women", sa.Boolean, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.CheckConstraint("low_id < high_id", name="ck_place_way_order"),
        sa.CheckConstraint("metres > 0", name="ck_place_way_metres"),
        sa.PrimaryKeyConstraint("id", name="pk_place_way"),
        sa.UniqueConstraint("low_id", "high_id", name="uq_place_way_low_id_high_id"),
        place("place_way", "low_id"),
        place("place_way", "high_id"),
    )
    op.create_index("ix_place_way_high_id", "place_way", ["high_id"])


def downgrade() -> None:
    for table in ("place_way", "crowd_note", "place_photo"):
        op.drop_table(table)
