"""Shops' files: trades, applications, papers, decisions; invitations; one-time codes of tills; member lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_onboarding"
down_revision = "0008_settlement"
branch_labels = None
depends_on = None

STATES = "state IN ('applied', 'returned', 'union_review', 'municipality_review', 'active', 'suspended', 'closed')"
ROLES = ("cashier", "city_manager", "merchant", "municipality", "operator", "pilgrim", "union")
DOCUMENTS = ("national_id", "passport")


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def instant(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=sa.func.now() if now else None)


def reference(name: str, table: str, target: str, *, nullable: bool = False, **options: object) -> sa.Column:
    constraint = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{name}_{target}")
    return sa.Column(name, sa.BigInteger, constraint, nullable=nullable, **options)


def limit_values(table: str, column: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    op.drop_constraint(f"ck_{table}_{column}", table, type_="check")
    op.create_check_constraint(f"ck_{table}_{column}", table, f"{column} IN ({listed})")


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    limit_values("membership", "role", (*ROLES, "applicant"))
    limit_values("document", "kind", (*DOCUMENTS, "foreign_code"))
    op.create_index("ix_person_mobile", "person", ["mobile"])
    op.add_column("organisation", sa.Column("legal_name", sa.String(120)))
    op.create_table(
        "invitation",
        key(),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        reference("person_id", "invitation", "person"),
        instant("usable_until"),
        instant("used_at", nullable=True),
        sa.UniqueConstraint("code_digest", name="uq_invitation_code_digest"),
    )
    op.create_index("ix_invitation_person_id", "invitation", ["person_id"])
    op.create_table(
        "trade",
        key(),
        reference("city_id", "trade", "city"),
        reference("union_id", "trade", "organisation"),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.UniqueConstraint("city_id", "code", name="uq_trade_city_id_code"),
    )
    op.create_index("ix_trade_union_id", "trade", ["union_id"])
    op.create_table(
        "overseer",
        reference("city_id", "overseer", "city", primary_key=True, autoincrement=False),
        reference("organisation_id", "overseer", "organisation"),
    )
    application()
    op.create_table(
        "paper",
        key(),
        reference("application_id", "paper", "application"),
        sa.Column("piece", sa.String(20), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        reference("sign_in_id", "paper", "sign_in"),
        instant("at"),
        sa.UniqueConstraint("name", name="uq_paper_name"),
    )
    op.create_index("ix_paper_application_id_piece", "paper", ["application_id", "piece"])
    op.create_table(
        "decision",
        key(),
        reference("application_id", "decision", "application"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked", postgresql.JSONB, server_default="[]", nullable=False),
        sa.Column("why", sa.String(400)),
        reference("organisation_id", "decision", "organisation", nullable=True),
        reference("sign_in_id", "decision", "sign_in", nullable=True),
        sa.Column("decided_by", sa.String(80), nullable=False),
        instant("at"),
        sa.UniqueConstraint("application_id", "version", name="uq_decision_application_id_version"),
        sa.UniqueConstraint("key", name="uq_decision_key"),
    )
    op.create_table(
        "terminal_issue",
        key(),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        reference("terminal_id", "terminal_issue", "terminal"),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        instant("usable_until"),
        instant("redeemed_at", nullable=True),
        sa.UniqueConstraint("key", name="uq_terminal_issue_key"),
        sa.UniqueConstraint("terminal_id", name="uq_terminal_issue_terminal_id"),
        sa.UniqueConstraint("code_digest", name="uq_terminal_issue_code_digest"),
    )
    op.create_table(
        "member_import",
        key(),
        reference("union_id", "member_import", "organisation"),
        reference("sign_in_id", "member_import", "sign_in"),
        sa.Column("rows", postgresql.JSONB, nullable=False),
        instant("created_at", now=True),
        instant("finished_at", nullable=True),
    )
    op.create_index("ix_member_import_union_id", "member_import", ["union_id"])


def application() -> None:
    op.create_table(
        "application",
        key(),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        reference("organisation_id", "application", "organisation"),
        reference("person_id", "application", "person"),
        reference("city_id", "application", "city"),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("begun_on", sa.Date, nullable=False),
        instant("changed_at"),
        sa.Column("returned_from", sa.String(20)),
        sa.Column("asked", postgresql.JSONB, server_default="[]", nullable=False),
        sa.Column("answered", postgresql.JSONB, server_default="[]", nullable=False),
        sa.Column("suspended_by", sa.String(20)),
        sa.Column("legal_name", sa.String(120), nullable=False),
        sa.Column("names", postgresql.JSONB),
        sa.Column("search_text", sa.String(400), server_default="", nullable=False),
        reference("trade_id", "application", "trade", nullable=True),
        reference("union_id", "application", "organisation", nullable=True),
        reference("municipality_id", "application", "organisation", nullable=True),
        sa.Column("legal_id", sa.String(11)),
        sa.Column("tax_code", sa.String(10)),
        sa.Column("licence_number", sa.String(10)),
        sa.Column("licence_expires_on", sa.Date),
        sa.Column("noticed_days", sa.SmallInteger),
        sa.Column("sheba", sa.String(26)),
        sa.Column("sheba_owner", sa.String(120)),
        sa.Column("address", sa.String(300)),
        sa.Column("lon", sa.Float(53)),
        sa.Column("lat", sa.Float(53)),
        instant("contract_accepted_at", nullable=True),
        reference("merchant_id", "application", "merchant", nullable=True),
        sa.UniqueConstraint("key", name="uq_application_key"),
        sa.UniqueConstraint("merchant_id", name="uq_application_merchant_id"),
        sa.CheckConstraint(STATES, name="ck_application_state"),
        sa.CheckConstraint("source IN ('applicant', 'import')", name="ck_application_source"),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="ck_application_position"),
        sa.CheckConstraint(
            "(state IN ('active', 'suspended')) <= (merchant_id IS NOT NULL)", name="ck_application_merchant_given"
        ),
    )
    for owner in ("union_id", "municipality_id"):
        op.create_index(f"ix_application_{owner}_state_id", "application", [owner, "state", "id"], postgresql_include=["source"])
    op.create_index("ix_application_organisation_id", "application", ["organisation_id"])
    op.create_index(
        "ix_application_search_text", "application", ["search_text"], postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_application_licence_expires_on", "application", ["licence_expires_on"],
        postgresql_where=sa.text("state = 'active'"),
    )
    for number in ("tax_code", "licence_number"):
        op.create_index(
            f"uq_application_{number}", "application", [number], unique=True, postgresql_where=sa.text("state <> 'closed'")
        )


def downgrade() -> None:
    for table in (
        "member_import", "terminal_issue", "decision", "paper", "application", "overseer", "trade", "invitation",
    ):
        op.drop_table(table)
    op.drop_column("organisation", "legal_name")
    op.drop_index("ix_person_mobile", "person")
    limit_values("document", "kind", DOCUMENTS)
    limit_values("membership", "role", ROLES)
    op.execute("DROP EXTENSION pg_trgm")
