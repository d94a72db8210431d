"""Shrines, gates, services, lodging and stops of a city."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_directory"
down_revision = "0019_debts"
branch_labels = None
depends_on = None


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def words(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, postgresql.JSONB, server_default=default, nullable=False)


def upgrade() -> None:
    calendars()


def calendars() -> None:
    op.add_column("city", sa.Column("prayer_method", sa.String(12), server_default="geophysics", nullable=False))
    op.add_column("city", words("prayer_minutes", "{}"))
    op.create_table(
        "lunar_month",
        sa.Column("year", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("month", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name="ck_lunar_month_month"),
    )
    op.create_table(
        "lunar_move",
        key(),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("month", sa.SmallInteger, nullable=False),
        sa.Column("was", sa.Date, nullable=False),
        sa.Column("became", sa.Date, nullable=False),
        instant("moved_at"),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("undoes_id", sa.BigInteger, sa.ForeignKey("lunar_move.id", name="fk_lunar_move_undoes_id_lunar_move")),
        sa.CheckConstraint("was <> became", name="ck_lunar_move_moves"),
    )
    op.create_index("ix_lunar_move_year_month", "lunar_move", ["year", "month", "id"])
    op.create_index("uq_lunar_move_undoes_id", "lunar_move", ["undoes_id"], unique=True)
    op.execute("REVOKE UPDATE, DELETE ON lunar_move FROM pilgrim_app")


def downgrade() -> None:
    for table in ("lunar_move", "lunar_month"):
        op.drop_table(table)
    for column in ("prayer_minutes", "prayer_method"):
        op.drop_column("city", column)
