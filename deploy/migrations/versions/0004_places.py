"""Cities, zones and places."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004_places"
down_revision = "0003_identity"
branch_labels = None
depends_on = None


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def shape(name: str, kind: str) -> sa.Column:
    return sa.Column(name, Geometry(kind, srid=4326, spatial_index=False), nullable=False)


def upgrade() -> None:
    op.create_table(
        "city",
        key(),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("time_zone", sa.String(40), nullable=False),
        shape("position", "POINT"),
        sa.UniqueConstraint("code", name="uq_city_code"),
    )
    op.create_table(
        "zone",
        key(),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id", name="fk_zone_city_id_city"), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        shape("area", "POLYGON"),
        sa.UniqueConstraint("city_id", "code", name="uq_zone_city_id_code"),
    )
    op.create_index("ix_zone_area", "zone", ["area"], postgresql_using="gist")
    op.create_table(
        "place",
        key(),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id", name="fk_place_city_id_city"), nullable=False),
        sa.Column("zone_id", sa.BigInteger, sa.ForeignKey("zone.id", name="fk_place_zone_id_zone")),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        shape("position", "POINT"),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(40), nullable=False),
        sa.UniqueConstraint("city_id", "code", name="uq_place_city_id_code"),
    )
    op.create_index("ix_place_position", "place", ["position"], postgresql_using="gist")
    op.create_index("ix_place_zone_id", "place", ["zone_id"])


def downgrade() -> None:
    for table in ("place", "zone", "city"):
        op.drop_table(table)
