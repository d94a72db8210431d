"""What pilgrims look for, counted by day, place and kind; what a city has on each day; how bookings came in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

revision = "0048_demand"
down_revision = "0047_campaigns"
branch_labels = None
depends_on = None

TABLES = ("pick_up", "arrival_day", "supply_round", "supply_sum", "supply_day", "search_batch", "search_count")
SEARCHED = "('lodging', 'programme', 'meal', 'night', 'ceremony', 'tour')"
OFFERED = "('lodging', 'men', 'women', 'family', 'accessible')"
MEASURES = (
    "places", "beds", "free", "booked", "held", "waiting", "booked_people", "held_people", "waiting_people", "arriving_people",
)  # fmt: skip


def _count(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False)


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_city(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=f"fk_{table}_city_id_city")


def upgrade() -> None:
    op.create_table(
        "search_count",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("searched_on", sa.Date, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("city_id", sa.BigInteger),
        sa.Column("wanted_on", sa.Date),
        sa.Column("party", sa.String(6), nullable=False),
        sa.Column("is_accessible", sa.Boolean, nullable=False),
        *(_count(name) for name in ("searches", "people", "nothing")),
        sa.CheckConstraint(f"kind IN {SEARCHED}", name="ck_search_count_kind"),
        sa.CheckConstraint("party IN ('', 'men', 'women', 'family')", name="ck_search_count_party"),
        sa.CheckConstraint("searches > 0 AND people >= 0 AND nothing BETWEEN 0 AND searches", name="ck_search_count_counts"),
        _of_city("search_count"),
        sa.PrimaryKeyConstraint("id", name="pk_search_count"),
        sa.UniqueConstraint(
            "searched_on", "kind", "city_id", "wanted_on", "party", "is_accessible", name="uq_search_count_alike",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_search_count_wanted_on_city_id", "search_count", ["wanted_on", "city_id"])
    op.create_table(
        "search_batch",
        sa.Column("id", sa.SmallInteger, server_default="1", nullable=False),
        sa.Column("number", UUID(as_uuid=False)),
        sa.CheckConstraint("id = 1", name="ck_search_batch_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_search_batch"),
    )
    op.execute("INSERT INTO search_batch DEFAULT VALUES")
    op.create_table(
        "supply_day",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("city_id", sa.BigInteger, nullable=False),
        *(_count(name) for name in MEASURES),
        sa.CheckConstraint(f"kind IN {OFFERED}", name="ck_supply_day_kind"),
        _of_city("supply_day"),
        sa.PrimaryKeyConstraint("kind", "owner_id", "day", name="pk_supply_day"),
    )
    op.create_index("ix_supply_day_city_id_day", "supply_day", ["city_id", "day"])
    op.create_index("ix_supply_day_day", "supply_day", ["day"])
    op.create_table(
        "supply_sum",
        sa.Column("city_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        *(_count(name) for name in MEASURES),
        _of_city("supply_sum"),
        sa.PrimaryKeyConstraint("city_id", "kind", "day", name="pk_supply_sum"),
    )
    op.create_table(
        "supply_round",
        sa.Column("id", sa.SmallInteger, server_default="1", nullable=False),
        sa.Column("after", sa.BigInteger, server_default="0", nullable=False),
        _instant("begun_at"),
        _instant("whole_since"),
        sa.CheckConstraint("id = 1", name="ck_supply_round_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_supply_round"),
    )
    op.execute("INSERT INTO supply_round DEFAULT VALUES")
    op.create_table(
        "arrival_day",
        sa.Column("city_id", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        _count("arrivals"),
        _count("guests"),
        sa.Column("arrivals_by_lead", ARRAY(sa.Integer), nullable=False),
        sa.Column("guests_by_lead", ARRAY(sa.Integer), nullable=False),
        _of_city("arrival_day"),
        sa.PrimaryKeyConstraint("city_id", "day", name="pk_arrival_day"),
    )
    op.create_table(
        "pick_up",
        sa.Column("city_id", sa.BigInteger, nullable=False),
        _instant("learnt_at", nullable=False),
        sa.Column("arrivals", JSONB, nullable=False),
        sa.Column("guests", JSONB, nullable=False),
        _of_city("pick_up"),
        sa.PrimaryKeyConstraint("city_id", name="pk_pick_up"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
