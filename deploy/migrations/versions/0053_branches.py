"""Further branches that shops ask for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053_branches"
down_revision = "0052_audit"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")
STANDS = sa.text("state IN ('asked', 'approved')")


def _of(name: str, other: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, sa.ForeignKey(f"{other}.id", name=f"fk_branch_wish_{name}_{other}"), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "branch_wish",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        _of("merchant_id", "merchant"),
        _of("union_id", "organisation"),
        _of("city_id", "city"),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("licence_number", sa.String(10), nullable=False),
        sa.Column("licence_expires_on", sa.Date, nullable=False),
        sa.Column("paper", sa.String(64), nullable=False),
        sa.Column("paper_type", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), server_default="asked", nullable=False),
        sa.Column("why", sa.String(400)),
        _of("asked_by", "person"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        _of("decided_by", "person", nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        _of("branch_id", "branch", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_branch_wish"),
        sa.UniqueConstraint("key", name="uq_branch_wish_key"),
        sa.UniqueConstraint("paper", name="uq_branch_wish_paper"),
        sa.CheckConstraint("state IN ('asked', 'approved', 'refused', 'given_up')", name="ck_branch_wish_state"),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="ck_branch_wish_decided"),
        sa.CheckConstraint("(state = 'approved') = (branch_id IS NOT NULL)", name="ck_branch_wish_branch_made"),
        sa.CheckConstraint("(state = 'refused') = (why IS NOT NULL)", name="ck_branch_wish_why_given"),
    )
    op.create_index("ix_branch_wish_merchant_id_id", "branch_wish", ["merchant_id", "id"])
    op.create_index("ix_branch_wish_union_id_asked", "branch_wish", ["union_id", "id"], postgresql_where=ASKED)
    op.create_index("ix_branch_wish_union_id_id", "branch_wish", ["union_id", "id"])
    op.create_index("uq_branch_wish_licence_number", "branch_wish", ["licence_number"], unique=True, postgresql_where=STANDS)


def downgrade() -> None:
    op.drop_table("branch_wish")
