"""A municipality's zones, permits and works notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0039_municipality"
down_revision = "0038_quality"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    op.add_column("zone", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "works_notice",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("city_id", sa.BigInteger, nullable=False),
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("place_id", sa.BigInteger),
        sa.Column("zone_id", sa.BigInteger),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("severity", sa.String(6), nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        _instant("starts_at"),
        _instant("ends_at"),
        _instant("published_at"),
        sa.Column("published_by", sa.BigInteger, nullable=False),
        _instant("called_off_at", nullable=True),
        sa.Column("called_off_by", sa.BigInteger),
        sa.Column("tells_by_sms", sa.Boolean, nullable=False),
        sa.Column("told_of", sa.String(8), nullable=False, server_default="begin"),
        sa.Column("told_to", sa.BigInteger, nullable=False, server_default="0"),
        sa.CheckConstraint("kind IN ('road', 'station', 'water', 'power', 'gate', 'other')", name="ck_works_notice_kind"),
        sa.CheckConstraint("severity IN ('little', 'much', 'closed')", name="ck_works_notice_severity"),
        sa.CheckConstraint("told_of IN ('begin', 'waiting', 'end', 'done')", name="ck_works_notice_told_of"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_works_notice_period"),
        sa.CheckConstraint("place_id IS NULL OR zone_id IS NULL", name="ck_works_notice_one_where"),
        sa.CheckConstraint("(called_off_at IS NULL) = (called_off_by IS NULL)", name="ck_works_notice_called_off"),
        _to("works_notice", "city_id", "city"),
        _to("works_notice", "organisation_id", "organisation"),
        _to("works_notice", "place_id", "place"),
        _to("works_notice", "zone_id", "zone"),
        _to("works_notice", "published_by", "sign_in"),
        _to("works_notice", "called_off_by", "sign_in"),
        sa.PrimaryKeyConstraint("id", name="pk_works_notice"),
        sa.UniqueConstraint("key", name="uq_works_notice_key"),
    )
    not_called_off = sa.text("called_off_at IS NULL")
    op.create_index("ix_works_notice_city_id_ends_at", "works_notice", ["city_id", "ends_at"], postgresql_where=not_called_off)
    telling = sa.text("told_of IN ('begin', 'end')")
    op.create_index("ix_works_notice_telling", "works_notice", ["id"], postgresql_where=telling)
    op.create_table(
        "permit",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("secret", sa.String(24), nullable=False),
        sa.Column("city_id", sa.BigInteger, nullable=False),
        sa.Column("municipality_id", sa.BigInteger, nullable=False),
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("branch_id", sa.BigInteger),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("spot", sa.String(200), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, server_default="asked"),
        sa.Column("conditions", sa.String(1000), nullable=False, server_default=""),
        sa.Column("why", sa.String(400)),
        sa.Column("asked_by", sa.BigInteger, nullable=False),
        _instant("asked_at"),
        sa.Column("decided_by", sa.BigInteger),
        _instant("decided_at", nullable=True),
        sa.Column("noticed_days", sa.SmallInteger),
        sa.CheckConstraint("kind IN ('stall', 'pavement', 'station', 'market', 'signage')", name="ck_permit_kind"),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused', 'withdrawn', 'given_up')", name="ck_permit_state"),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_permit_period"),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="ck_permit_decided"),
        sa.CheckConstraint("(state IN ('refused', 'withdrawn')) = (why IS NOT NULL)", name="ck_permit_why_given"),
        _to("permit", "city_id", "city"),
        _to("permit", "municipality_id", "organisation"),
        _to("permit", "organisation_id", "organisation"),
        _to("permit", "branch_id", "branch"),
        _to("permit", "asked_by", "person"),
        _to("permit", "decided_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_permit"),
        sa.UniqueConstraint("key", name="uq_permit_key"),
        sa.UniqueConstraint("secret", name="uq_permit_secret"),
    )
    granted = sa.text("state = 'granted'")
    op.create_index("ix_permit_municipality_id_state_id", "permit", ["municipality_id", "state", "id"])
    op.create_index("ix_permit_organisation_id_id", "permit", ["organisation_id", "id"])
    op.create_index("ix_permit_branch_id", "permit", ["branch_id"], postgresql_where=granted)
    op.create_index("ix_permit_ends_on", "permit", ["ends_on"], postgresql_where=granted)
    op.create_table(
        "permit_paper",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("permit_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        _instant("at"),
        _to("permit_paper", "permit_id", "permit"),
        sa.PrimaryKeyConstraint("id", name="pk_permit_paper"),
        sa.UniqueConstraint("name", name="uq_permit_paper_name"),
    )
    op.create_index("ix_permit_paper_permit_id", "permit_paper", ["permit_id"])


def downgrade() -> None:
    for table in ("permit_paper", "permit", "works_notice"):
        op.drop_table(table)
    op.drop_column("zone", "version")
