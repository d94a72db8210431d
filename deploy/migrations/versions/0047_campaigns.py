"""Campaigns of a municipality, and the shops that take part."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0047_campaigns"
down_revision = "0046_look"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    op.create_table(
        "city_campaign",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("city_id", sa.BigInteger, nullable=False),
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("titles", JSONB, nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("zone_id", sa.BigInteger),
        sa.Column("shop_kind", sa.String(20)),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        _instant("published_at"),
        sa.Column("published_by", sa.BigInteger, nullable=False),
        _instant("called_off_at", nullable=True),
        sa.Column("called_off_by", sa.BigInteger),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_city_campaign_period"),
        sa.CheckConstraint("(called_off_at IS NULL) = (called_off_by IS NULL)", name="ck_city_campaign_called_off"),
        _to("city_campaign", "city_id", "city"),
        _to("city_campaign", "organisation_id", "organisation"),
        _to("city_campaign", "zone_id", "zone"),
        _to("city_campaign", "published_by", "sign_in"),
        _to("city_campaign", "called_off_by", "sign_in"),
        sa.PrimaryKeyConstraint("id", name="pk_city_campaign"),
        sa.UniqueConstraint("key", name="uq_city_campaign_key"),
    )
    op.create_index("ix_city_campaign_city_id_ends_on", "city_campaign", ["city_id", "ends_on"])
    op.create_table(
        "campaign_shop",
        sa.Column("campaign_id", sa.BigInteger, nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        _instant("joined_at"),
        sa.Column("joined_by", sa.BigInteger, nullable=False),
        _to("campaign_shop", "campaign_id", "city_campaign"),
        _to("campaign_shop", "merchant_id", "merchant"),
        _to("campaign_shop", "joined_by", "sign_in"),
        sa.PrimaryKeyConstraint("campaign_id", "merchant_id", name="pk_campaign_shop"),
    )
    op.create_index("ix_campaign_shop_merchant_id", "campaign_shop", ["merchant_id"])


def downgrade() -> None:
    for table in ("campaign_shop", "city_campaign"):
        op.drop_table(table)
