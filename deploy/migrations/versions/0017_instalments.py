"""Contracts' terms of instalments, credit lines, quotes, plans and their schedules; commission on what is sold in instalments."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017_instalments"
down_revision = "0016_benefits"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parents[3] / "cardbank" / "ledger" / "schema"
OWNER = "pilgrim_ledger"
READER = "pilgrim_app"
TERMS = "commission_term"
OWNERS = ("merchant_id", "shop_kind")


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def rial(name: str, *, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=default)


def refers(table: str, column: str, to: str, *, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{column}_{to}")
    return sa.Column(column, sa.BigInteger, key, nullable=nullable)


def identified() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def upgrade() -> None:
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.get_bind().exec_driver_sql((SCHEMA / "lines.sql").read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("REVOKE EXECUTE ON FUNCTION widen_line FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION widen_line TO {READER}")
    for setting in ("search_path", "role"):
        op.execute(f"RESET {setting}")
    terms()
    lines()
    plans()
    op.add_column(TERMS, sa.Column("on_instalments", sa.Boolean, nullable=False, server_default="false"))
    for owner in OWNERS:
        op.drop_constraint(f"uq_{TERMS}_{owner}_starts_at", TERMS, type_="unique")
        op.create_unique_constraint(f"uq_{TERMS}_{owner}_on_instalments_starts_at", TERMS, [owner, "on_instalments", "starts_at"])


def terms() -> None:
    op.create_table(
        "sale_terms",
        identified(),
        refers("sale_terms", "merchant_id", "merchant"),
        refers("sale_terms", "contract_id", "contract", nullable=True),
        sa.Column("counts", postgresql.ARRAY(sa.SmallInteger), nullable=False),
        rial("least_rial"),
        rial("most_rial"),
        sa.Column("every_months", sa.SmallInteger),
        sa.Column("every_days", sa.SmallInteger),
        rial("fee_rial"),
        refers("sale_terms", "giver_id", "organisation", nullable=True),
        sa.Column("shop_basis_points", sa.Integer, nullable=False),
        sa.Column("cash_discount_basis_points", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("state", sa.String(10), server_default="offered", nullable=False),
        sa.Column("is_offered_by_shop", sa.Boolean, nullable=False),
        sa.Column("offered_by", sa.BigInteger),
        instant("offered_at"),
        sa.Column("answered_by", sa.BigInteger),
        instant("answered_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sale_terms"),
        sa.UniqueConstraint("contract_id", name="uq_sale_terms_contract_id"),
        sa.CheckConstraint("state IN ('offered', 'signed', 'refused', 'withdrawn')", name="ck_sale_terms_state"),
        sa.CheckConstraint("(state = 'signed') = (contract_id IS NOT NULL)", name="ck_sale_terms_signed_in_a_contract"),
        sa.CheckConstraint("state <> 'signed' OR answered_by <> offered_by", name="ck_sale_terms_two_sides"),
        sa.CheckConstraint("num_nonnulls(every_months, every_days) = 1", name="ck_sale_terms_one_interval"),
        sa.CheckConstraint(
            "every_months BETWEEN 1 AND 6 OR every_days BETWEEN 10 AND 120", name="ck_sale_terms_interval"
        ),
        sa.CheckConstraint("least_rial > 0 AND least_rial <= most_rial AND fee_rial >= 0", name="ck_sale_terms_amounts"),
        sa.CheckConstraint(
            "shop_basis_points BETWEEN 0 AND 10000 AND cash_discount_basis_points BETWEEN 0 AND 9999",
            name="ck_sale_terms_basis_points",
        ),
    )
    op.create_index("ix_sale_terms_merchant_id", "sale_terms", ["merchant_id", "id"])
    offered = sa.text("state = 'offered'")
    op.create_index("uq_sale_terms_offered", "sale_terms", ["merchant_id"], unique=True, postgresql_where=offered)


def lines() -> None:
    op.create_table(
        "credit_line",
        identified(),
        refers("credit_line", "giver_id", "organisation"),
        sa.Column("card_id", sa.BigInteger, nullable=False),
        sa.Column("wallet_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger),
        sa.Column("account_id", sa.BigInteger),
        rial("limit_rial", default="0"),
        instant("opened_at"),
        instant("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_credit_line"),
        sa.UniqueConstraint("account_id", name="uq_credit_line_account_id"),
        sa.CheckConstraint("limit_rial >= 0", name="ck_credit_line_limit_rial"),
        sa.CheckConstraint("account_id IS NOT NULL OR limit_rial = 0", name="ck_credit_line_given"),
    )
    still = sa.text("closed_at IS NULL")
    op.create_index("uq_credit_line_open", "credit_line", ["wallet_id", "giver_id"], unique=True, postgresql_where=still)
    op.create_index("ix_credit_line_giver_id", "credit_line", ["giver_id", "id"])
    op.create_table(
        "credit_line_wish",
        identified(),
        refers("credit_line_wish", "line_id", "credit_line"),
        rial("limit_rial"),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("state", sa.String(8), server_default="asked", nullable=False),
        sa.Column("asked_by", sa.BigInteger),
        instant("asked_at"),
        sa.Column("decided_by", sa.BigInteger),
        instant("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_credit_line_wish"),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused')", name="ck_credit_line_wish_state"),
        sa.CheckConstraint("limit_rial > 0", name="ck_credit_line_wish_limit_rial"),
        sa.CheckConstraint("state <> 'granted' OR decided_by <> asked_by", name="ck_credit_line_wish_four_eyes"),
    )
    asked = sa.text("state = 'asked'")
    op.create_index("uq_credit_line_wish_asked", "credit_line_wish", ["line_id"], unique=True, postgresql_where=asked)


def plans() -> None:
    op.create_table(
        "instalment_quote",
        sa.Column("token", sa.LargeBinary, nullable=False),
        *(
            refers("instalment_quote", f"{one}_id", table)
            for one, table in (("terminal", "terminal"), ("line", "credit_line"), ("terms", "sale_terms"))
        ),
        sa.Column("card_id", sa.BigInteger, nullable=False),
        rial("price_rial"),
        rial("fee_rial"),
        sa.Column("due_on", postgresql.ARRAY(sa.Date), nullable=False),
        sa.Column("parts_rial", postgresql.ARRAY(sa.BigInteger), nullable=False),
        instant("expires_at"),
        sa.Column("is_used", sa.Boolean, server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_instalment_quote"),
    )
    op.create_index("ix_instalment_quote_expires_at", "instalment_quote", ["expires_at"])
    op.create_table(
        "instalment_plan",
        identified(),
        *(
            refers("instalment_plan", f"{one}_id", table)
            for one, table in (("line", "credit_line"), ("terms", "sale_terms"), ("merchant", "merchant"), ("terminal", "terminal"))
        ),
        sa.Column("entry_date", sa.Date, nullable=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        rial("amount_rial"),
        rial("fee_rial"),
        instant("bought_at"),
        sa.PrimaryKeyConstraint("id", name="pk_instalment_plan"),
        sa.UniqueConstraint("entry_date", "entry_id", name="uq_instalment_plan_entry_date_entry_id"),
        sa.CheckConstraint("amount_rial > 0 AND fee_rial BETWEEN 0 AND amount_rial", name="ck_instalment_plan_amounts"),
    )
    for owner in ("line_id", "merchant_id"):
        op.create_index(f"ix_instalment_plan_{owner}", "instalment_plan", [owner, "id"])
    op.create_table(
        "instalment",
        refers("instalment", "plan_id", "instalment_plan"),
        sa.Column("number", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        rial("amount_rial"),
        rial("paid_rial", default="0"),
        rial("returned_rial", default="0"),
        sa.Column("tries", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("tried_on", sa.Date),
        sa.Column("fault", sa.SmallInteger),
        sa.PrimaryKeyConstraint("plan_id", "number", name="pk_instalment"),
        sa.CheckConstraint("amount_rial > 0", name="ck_instalment_amount_rial"),
        sa.CheckConstraint(
            "paid_rial >= 0 AND returned_rial >= 0 AND paid_rial + returned_rial <= amount_rial",
            name="ck_instalment_never_more_than_due",
        ),
    )
    is_open = sa.text("paid_rial + returned_rial < amount_rial")
    op.create_index("ix_instalment_open", "instalment", ["due_on", "plan_id"], postgresql_where=is_open)
    op.create_table(
        "instalment_payment",
        sa.Column("entry_date", sa.Date, nullable=False),
        sa.Column("entry_id", sa.BigInteger, autoincrement=False, nullable=False),
        refers("instalment_payment", "plan_id", "instalment_plan"),
        rial("amount_rial"),
        sa.Column("is_due", sa.Boolean, nullable=False),
        instant("paid_at"),
        sa.PrimaryKeyConstraint("entry_date", "entry_id", name="pk_instalment_payment"),
    )
    op.create_index("ix_instalment_payment_plan_id", "instalment_payment", ["plan_id"])


def downgrade() -> None:
    for owner in OWNERS:
        op.drop_constraint(f"uq_{TERMS}_{owner}_on_instalments_starts_at", TERMS, type_="unique")
    op.execute(f"UPDATE priced_line SET term_id = NULL WHERE term_id IN (SELECT id FROM {TERMS} WHERE on_instalments)")
    op.execute(f"DELETE FROM {TERMS} WHERE on_instalments")
    op.drop_column(TERMS, "on_instalments")
    for owner in OWNERS:
        op.create_unique_constraint(f"uq_{TERMS}_{owner}_starts_at", TERMS, [owner, "starts_at"])
    for table in (
        "instalment_payment", "instalment", "instalment_plan", "instalment_quote", "credit_line_wish", "credit_line", "sale_terms",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("DROP FUNCTION ledger.widen_line")
    op.execute("RESET role")
