"""People, organisations, sign-ins and their tokens; the app role's rights on everything outside the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_identity"
down_revision = "0002_ledger"
branch_labels = None
depends_on = None

GRANTS = """
GRANT USAGE ON SCHEMA public TO pilgrim_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO pilgrim_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO pilgrim_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pilgrim_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO pilgrim_app;
REVOKE UPDATE, DELETE ON audit_entry FROM pilgrim_app;
"""


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def instant(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=sa.func.now() if now else None)


def upgrade() -> None:
    op.create_table(
        "person",
        key(),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("mobile", sa.String(16)),
        sa.Column("birth_date", sa.Date),
        sa.Column("is_fictional", sa.Boolean, server_default="false", nullable=False),
        instant("created_at", now=True),
    )
    op.create_table(
        "document",
        key(),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id", name="fk_document_person_id_person"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.UniqueConstraint("kind", "country", "number", name="uq_document_kind_country_number"),
        sa.CheckConstraint("kind IN ('national_id', 'passport')", name="ck_document_kind"),
    )
    op.create_index("ix_document_person_id", "document", ["person_id"])
    op.create_table(
        "organisation",
        key(),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("is_fictional", sa.Boolean, server_default="false", nullable=False),
        instant("created_at", now=True),
        sa.CheckConstraint(
            "kind IN ('merchant', 'union', 'municipality', 'city_office', 'operator')", name="ck_organisation_kind"
        ),
    )
    op.create_table(
        "membership",
        key(),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id", name="fk_membership_person_id_person"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger, sa.ForeignKey("organisation.id", name="fk_membership_organisation_id_organisation")),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("branch_id", sa.BigInteger),
        sa.UniqueConstraint(
            "person_id", "organisation_id", "role", "branch_id",
            name="uq_membership_once", postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("(role = 'pilgrim') = (organisation_id IS NULL)", name="ck_membership_organisation_given"),
        sa.CheckConstraint(
            "role IN ('cashier', 'city_manager', 'merchant', 'municipality', 'operator', 'pilgrim', 'union')",
            name="ck_membership_role",
        ),
    )
    op.create_index("ix_membership_organisation_id", "membership", ["organisation_id"])
    op.create_table(
        "sign_in",
        key(),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id", name="fk_sign_in_person_id_person"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(80), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        instant("closed_at", nullable=True),
        sa.UniqueConstraint("person_id", name="uq_sign_in_person_id"),
        sa.UniqueConstraint("name_key", name="uq_sign_in_name_key"),
    )
    op.create_table("sign_in_failure", key(), sa.Column("name_digest", sa.LargeBinary, nullable=False), instant("at"))
    op.create_index("ix_sign_in_failure_name_digest_at", "sign_in_failure", ["name_digest", "at"])
    op.create_table(
        "web_session",
        key(),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("sign_in_id", sa.BigInteger, sa.ForeignKey("sign_in.id", name="fk_web_session_sign_in_id_sign_in"), nullable=False),
        instant("created_at"),
        instant("seen_at"),
        instant("revoked_at", nullable=True),
        sa.UniqueConstraint("token_hash", name="uq_web_session_token_hash"),
    )
    op.create_index("ix_web_session_sign_in_id", "web_session", ["sign_in_id"])
    op.create_table(
        "refresh_token",
        key(),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("family", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("sign_in_id", sa.BigInteger, sa.ForeignKey("sign_in.id", name="fk_refresh_token_sign_in_id_sign_in"), nullable=False),
        instant("created_at"),
        instant("usable_until"),
        instant("used_at", nullable=True),
        instant("revoked_at", nullable=True),
        sa.UniqueConstraint("token_hash", name="uq_refresh_token_token_hash"),
    )
    op.create_index("ix_refresh_token_family", "refresh_token", ["family"])
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM pilgrim_app")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM pilgrim_app")
    for table in (
        "refresh_token", "web_session", "sign_in_failure", "sign_in", "membership", "organisation", "document", "person",
    ):  # fmt: skip
        op.drop_table(table)
