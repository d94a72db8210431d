"""SMS that customers send, how the parts of the platform are, and outages that the operator tells of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036_service"
down_revision = "0035_suspense"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "customer_text",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("from_digest", sa.LargeBinary, nullable=False),
        sa.Column("command", sa.String(8), nullable=False),
        sa.Column("is_answered", sa.Boolean, nullable=False),
        _instant("at"),
        sa.CheckConstraint("command IN ('balance', 'stop', 'start', 'unknown')", name="ck_customer_text_command"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_text"),
        sa.UniqueConstraint("key", name="uq_customer_text_key"),
    )
    op.create_index("ix_customer_text_from_digest_at", "customer_text", ["from_digest", "at"])
    op.create_table(
        "service_state",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("part", sa.String(12), nullable=False),
        sa.Column("is_up", sa.Boolean, nullable=False),
        _instant("since"),
        _instant("checked_at"),
        _instant("until", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_service_state"),
    )
    op.create_index("uq_service_state_now", "service_state", ["part"], unique=True, postgresql_where=sa.text("until IS NULL"))
    op.create_index("ix_service_state_since", "service_state", ["since"])
    op.create_table(
        "outage",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("parts", JSONB, nullable=False),
        sa.Column("cities", JSONB, nullable=False),
        sa.Column("audience", sa.String(8), nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        _instant("starts_at"),
        _instant("ends_at", nullable=True),
        _instant("announced_at"),
        sa.Column("announced_by", sa.BigInteger, nullable=False),
        _instant("ended_at", nullable=True),
        sa.Column("ended_by", sa.BigInteger),
        sa.Column("tells_by_sms", sa.Boolean, nullable=False),
        sa.Column("told_of", sa.String(8), server_default="begin", nullable=False),
        sa.Column("told_to", sa.BigInteger, server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('outage', 'maintenance')", name="ck_outage_kind"),
        sa.CheckConstraint("audience IN ('all', 'shops', 'pilgrims')", name="ck_outage_audience"),
        sa.CheckConstraint("told_of IN ('begin', 'waiting', 'end', 'done')", name="ck_outage_told_of"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_outage_period"),
        sa.ForeignKeyConstraint(["announced_by"], ["sign_in.id"], name="fk_outage_announced_by_sign_in"),
        sa.ForeignKeyConstraint(["ended_by"], ["sign_in.id"], name="fk_outage_ended_by_sign_in"),
        sa.PrimaryKeyConstraint("id", name="pk_outage"),
        sa.UniqueConstraint("key", name="uq_outage_key"),
    )
    op.create_index("ix_outage_live", "outage", ["starts_at"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("ix_outage_telling", "outage", ["id"], postgresql_where=sa.text("told_of <> 'done'"))


def downgrade() -> None:
    for table in ("outage", "service_state", "customer_text"):
        op.drop_table(table)
