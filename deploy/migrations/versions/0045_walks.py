"""Streets, metro lines, parks and water of a city, and the map of them that the app takes along."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0045_walks"
down_revision = "0044_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "map_shape",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id", name="fk_map_shape_city_id_city"), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("sort", sa.String(8), nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("shape", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_map_shape"),
        sa.UniqueConstraint("city_id", "code", name="uq_map_shape_city_id_code"),
    )
    op.create_index("ix_map_shape_shape", "map_shape", ["shape"], postgresql_using="gist")
    op.create_table(
        "city_map",
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id", name="fk_city_map_city_id_city"), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("city_id", name="pk_city_map"),
    )


def downgrade() -> None:
    for table in ("city_map", "map_shape"):
        op.drop_table(table)
