"""Organisations fund benefit purses: where a purse may be spent, budgets, plans, members, and what each was given."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_benefits"
down_revision = "0015_reports"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parents[3] / "cardbank" / "ledger" / "schema"
OWNER = "pilgrim_ledger"
READER = "pilgrim_app"
KINDS = "'merchant', 'union', 'municipality', 'city_office', 'operator'"
ROLES = "'applicant', 'cashier', 'city_manager', 'merchant', 'municipality', 'operator', 'pilgrim', 'union'"
TABLES = (
    "benefit_import", "benefit_return", "benefit_grant", "benefit_run", "benefit_member", "benefit_plan", "benefit_deposit", "sponsor",
)  # fmt: skip


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def number(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name, _, of = target.partition(".")
    return sa.ForeignKeyConstraint([column], [f"{name}.{of}"], name=f"fk_{table}_{column}_{name}")


def entry() -> tuple[sa.Column, sa.Column]:
    return sa.Column("business_date", sa.Date), sa.Column("entry_id", sa.BigInteger)


def upgrade() -> None:
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.get_bind().exec_driver_sql((SCHEMA / "benefits.sql").read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("REVOKE EXECUTE ON FUNCTION open_scope FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION open_scope TO {READER}")
    op.execute(f"GRANT SELECT ON scope TO {READER}")
    for setting in ("search_path", "role"):
        op.execute(f"RESET {setting}")
    limit(KINDS + ", 'sponsor'", ROLES + ", 'sponsor'")
    budgets()
    plans()
    grants()


def limit(kinds: str, roles: str) -> None:
    op.drop_constraint("ck_organisation_kind", "organisation", type_="check")
    op.create_check_constraint("ck_organisation_kind", "organisation", f"kind IN ({kinds})")
    op.drop_constraint("ck_membership_role", "membership", type_="check")
    op.create_check_constraint("ck_membership_role", "membership", f"role IN ({roles})")


def budgets() -> None:
    op.create_table(
        "sponsor",
        sa.Column("organisation_id", sa.BigInteger, primary_key=True, autoincrement=False),
        number("wallet_id"),
        instant("opened_at"),
        reference("sponsor", "organisation_id", "organisation.id"),
        sa.UniqueConstraint("wallet_id", name="uq_sponsor_wallet_id"),
    )
    op.create_table(
        "benefit_deposit",
        key(),
        number("organisation_id"),
        number("amount_rial"),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("paid_on", sa.Date, nullable=False),
        sa.Column("status", sa.String(10), server_default="proposed", nullable=False),
        number("proposed_by", nullable=True),
        instant("proposed_at"),
        number("decided_by", nullable=True),
        instant("decided_at", nullable=True),
        sa.Column("why", sa.String(200)),
        *entry(),
        sa.CheckConstraint("amount_rial > 0", name="ck_benefit_deposit_amount_rial"),
        sa.CheckConstraint("status IN ('proposed', 'confirmed', 'refused', 'withdrawn')", name="ck_benefit_deposit_status"),
        sa.CheckConstraint("(status = 'confirmed') = (entry_id IS NOT NULL)", name="ck_benefit_deposit_entry_given"),
        reference("benefit_deposit", "organisation_id", "sponsor.organisation_id"),
    )
    op.create_index("ix_benefit_deposit_organisation_id", "benefit_deposit", ["organisation_id", "id"])
    # What the bank calls a transfer counts once, whoever states it.
    counts = sa.text("status IN ('proposed', 'confirmed')")
    op.create_index("uq_benefit_deposit_reference", "benefit_deposit", ["reference"], unique=True, postgresql_where=counts)


def plans() -> None:
    op.create_table(
        "benefit_plan",
        key(),
        number("organisation_id"),
        sa.Column("names", postgresql.JSONB, nullable=False),
        number("amount_rial"),
        sa.Column("recurs", sa.String(8), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("group_name", sa.String(40), server_default="", nullable=False),
        number("scope_id"),
        sa.Column("kinds", postgresql.ARRAY(sa.String(20)), nullable=False),
        sa.Column("cities", postgresql.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("shops", postgresql.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("lacking_rial", sa.BigInteger, server_default="0", nullable=False),
        instant("created_at"),
        instant("ended_at", nullable=True),
        sa.CheckConstraint("recurs IN ('once', 'monthly')", name="ck_benefit_plan_recurs"),
        sa.CheckConstraint("amount_rial > 0", name="ck_benefit_plan_amount_rial"),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_benefit_plan_period"),
        reference("benefit_plan", "organisation_id", "sponsor.organisation_id"),
    )
    op.create_index("ix_benefit_plan_organisation_id", "benefit_plan", ["organisation_id", "id"])
    op.create_table(
        "benefit_member",
        key(),
        number("organisation_id"),
        number("person_id"),
        sa.Column("called", sa.String(80), nullable=False),
        sa.Column("document_end", sa.String(4), nullable=False),
        sa.Column("group_name", sa.String(40), server_default="", nullable=False),
        instant("added_at"),
        instant("removed_at", nullable=True),
        reference("benefit_member", "organisation_id", "sponsor.organisation_id"),
        reference("benefit_member", "person_id", "person.id"),
    )
    op.create_index("ix_benefit_member_organisation_id", "benefit_member", ["organisation_id", "id"])
    op.create_index(
        "uq_benefit_member_once", "benefit_member", ["organisation_id", "person_id"], unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "benefit_import",
        key(),
        number("organisation_id"),
        number("sign_in_id"),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("rows_sealed", sa.LargeBinary),
        instant("begun_at"),
        instant("finished_at", nullable=True),
        sa.CheckConstraint("(finished_at IS NULL) = (rows_sealed IS NOT NULL)", name="ck_benefit_import_rows_kept"),
        reference("benefit_import", "organisation_id", "sponsor.organisation_id"),
        reference("benefit_import", "sign_in_id", "sign_in.id"),
    )
    op.create_index("ix_benefit_import_organisation_id", "benefit_import", ["organisation_id"])


def grants() -> None:
    op.create_table(
        "benefit_run",
        key(),
        number("plan_id"),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("members", sa.Integer, nullable=False),
        number("amount_rial"),
        instant("usable_from"),
        instant("usable_until"),
        instant("funded_at"),
        number("funded_by", nullable=True),
        *entry(),
        sa.CheckConstraint("members > 0 AND amount_rial > 0", name="ck_benefit_run_amounts"),
        reference("benefit_run", "plan_id", "benefit_plan.id"),
    )
    op.create_index("ix_benefit_run_plan_id", "benefit_run", ["plan_id", "id"])
    op.create_table(
        "benefit_grant",
        key(),
        number("run_id"),
        number("plan_id"),
        sa.Column("period", sa.String(7), nullable=False),
        number("member_id"),
        number("person_id"),
        number("amount_rial"),
        sa.Column("status", sa.String(8), server_default="waiting", nullable=False),
        number("account_id", nullable=True),
        instant("given_at", nullable=True),
        sa.CheckConstraint("amount_rial > 0", name="ck_benefit_grant_amount_rial"),
        sa.CheckConstraint("status IN ('waiting', 'given', 'returned')", name="ck_benefit_grant_status"),
        sa.CheckConstraint("(status = 'given') = (account_id IS NOT NULL)", name="ck_benefit_grant_purse_given"),
        reference("benefit_grant", "run_id", "benefit_run.id"),
        reference("benefit_grant", "plan_id", "benefit_plan.id"),
        reference("benefit_grant", "member_id", "benefit_member.id"),
        reference("benefit_grant", "person_id", "person.id"),
        sa.UniqueConstraint("account_id", name="uq_benefit_grant_account_id"),
    )
    op.create_index(
        "uq_benefit_grant_once", "benefit_grant", ["plan_id", "period", "person_id"], unique=True,
        postgresql_where=sa.text("status <> 'returned'"),
    )  # fmt: skip
    op.create_index("ix_benefit_grant_run_id", "benefit_grant", ["run_id"])
    op.create_index("ix_benefit_grant_member_id", "benefit_grant", ["member_id"])
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_benefit_grant_waiting", "benefit_grant", ["person_id"], postgresql_where=waiting)
    op.create_table(
        "benefit_return",
        key(),
        number("organisation_id"),
        sa.Column("source", sa.String(8), nullable=False),
        number("amount_rial"),
        instant("returned_at"),
        *entry(),
        sa.CheckConstraint("source IN ('waiting', 'lapsed')", name="ck_benefit_return_source"),
        sa.CheckConstraint("amount_rial > 0", name="ck_benefit_return_amount_rial"),
        reference("benefit_return", "organisation_id", "sponsor.organisation_id"),
    )
    op.create_index("ix_benefit_return_organisation_id", "benefit_return", ["organisation_id", "id"])


def downgrade() -> None:
    """Money in purses whose funder nobody knows any more would be lost: only a database that never funded one goes back."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM membership WHERE role = 'sponsor'")
    op.execute("DELETE FROM organisation WHERE kind = 'sponsor'")
    limit(KINDS, ROLES)
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.execute("DROP FUNCTION open_scope")
    op.execute("DROP TABLE scope")
    op.execute("DROP INDEX account_lapses")
    op.execute("CREATE INDEX account_lot_until ON account (usable_until) WHERE kind = 4 AND closed_at IS NULL")
    for setting in ("search_path", "role"):
        op.execute(f"RESET {setting}")
