"""Merchants, branches, terminals and contracts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_merchants"
down_revision = "0006_loyalty"
branch_labels = None
depends_on = None


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def reference(name: str, table: str, target: str, *, nullable: bool = False) -> sa.Column:
    constraint = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{name}_{target}")
    return sa.Column(name, sa.BigInteger, constraint, nullable=nullable)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "merchant",
        key(),
        reference("organisation_id", "merchant", "organisation"),
        reference("union_id", "merchant", "organisation", nullable=True),
        sa.Column("wallet_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("status", sa.String(10), server_default="active", nullable=False),
        sa.UniqueConstraint("organisation_id", name="uq_merchant_organisation_id"),
        sa.UniqueConstraint("wallet_id", name="uq_merchant_wallet_id"),
        sa.CheckConstraint("status IN ('active', 'suspended', 'closed')", name="ck_merchant_status"),
    )
    op.create_index("ix_merchant_union_id", "merchant", ["union_id"])
    op.create_table(
        "branch",
        key(),
        reference("merchant_id", "branch", "merchant"),
        reference("place_id", "branch", "place"),
        sa.Column("names", postgresql.JSONB, nullable=False),
    )
    op.create_index("ix_branch_merchant_id", "branch", ["merchant_id"])
    op.create_index("ix_branch_place_id", "branch", ["place_id"])
    op.create_table(
        "terminal",
        key(),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("acceptor_id", sa.String(15), nullable=False),
        reference("branch_id", "terminal", "branch"),
        sa.Column("status", sa.String(10), server_default="active", nullable=False),
        sa.Column("initial_key_id", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("code", name="uq_terminal_code"),
        sa.UniqueConstraint("initial_key_id", name="uq_terminal_initial_key_id"),
        sa.CheckConstraint("status IN ('active', 'suspended', 'closed')", name="ck_terminal_status"),
        sa.CheckConstraint("kind IN ('counter', 'portable', 'kiosk')", name="ck_terminal_kind"),
    )
    op.create_index("ix_terminal_branch_id", "terminal", ["branch_id"])
    op.create_table(
        "contract",
        key(),
        reference("merchant_id", "contract", "merchant"),
        reference("programme_id", "contract", "programme", nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("earns", sa.Boolean, nullable=False),
        sa.Column("spends", sa.Boolean, nullable=False),
        sa.Column("purchase_limit_rial", sa.BigInteger),
        postgresql.ExcludeConstraint(
            ("merchant_id", "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_contract_one_at_a_time",
            using="gist",
        ),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ck_contract_period"),
        sa.CheckConstraint("purchase_limit_rial > 0", name="ck_contract_purchase_limit_rial"),
        sa.CheckConstraint("programme_id IS NOT NULL OR NOT (earns OR spends)", name="ck_contract_programme_given"),
    )


def downgrade() -> None:
    for table in ("contract", "terminal", "branch", "merchant"):
        op.drop_table(table)
    op.execute("DROP EXTENSION btree_gist")
