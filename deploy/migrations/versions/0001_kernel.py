"""Audit and outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_kernel"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("account_id", sa.BigInteger),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("act", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("before", postgresql.JSONB),
        sa.Column("after", postgresql.JSONB),
        sa.Column("why", sa.String(400)),
    )
    op.create_index("ix_audit_entry_subject_subject_id", "audit_entry", ["subject", "subject_id", "id"])
    op.create_table(
        "outbox_event",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.Column("parked_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
    )
    op.create_index(
        "ix_outbox_event_waiting",
        "outbox_event",
        ["id"],
        postgresql_where=sa.text("delivered_at IS NULL AND parked_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("outbox_event")
    op.drop_table("audit_entry")
