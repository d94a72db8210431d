"""Terminals' batches: closed ones in the ledger, their totals, uploads and exceptions beside it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_batches"
down_revision = "0010_returns"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parents[3] / "cardbank" / "ledger" / "schema"
OWNER = "pilgrim_ledger"
READER = "pilgrim_app"
SUMS = (
    "debits_rial", "debit_reversals_rial", "credits_rial", "credit_reversals_rial", "loyalty_rial", "top_ups_rial", "gifts_rial",
)  # fmt: skip
COUNTS = ("debits", "debit_reversals", "credits", "credit_reversals")
ADJUSTMENTS = "settlement_adjustment"


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.get_bind().exec_driver_sql((SCHEMA / "terminals.sql").read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("REVOKE EXECUTE ON FUNCTION close_batches FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION close_batches TO {READER}")
    op.execute(f"GRANT SELECT ON closed_batch TO {READER}")
    for setting in ("search_path", "role"):
        op.execute(f"RESET {setting}")
    batches()
    uploads()
    exceptions()
    op.alter_column(ADJUSTMENTS, "origin_id", nullable=True)
    op.add_column(ADJUSTMENTS, sa.Column("exception_id", sa.BigInteger))
    op.create_foreign_key(
        "fk_settlement_adjustment_exception_id_terminal_batch_exception", ADJUSTMENTS, "terminal_batch_exception",
        ["exception_id"], ["id"],
    )  # fmt: skip
    op.create_unique_constraint("uq_settlement_adjustment_exception_id_kind", ADJUSTMENTS, ["exception_id", "kind"])
    op.create_check_constraint(
        "ck_settlement_adjustment_one_origin", ADJUSTMENTS, "num_nonnulls(origin_id, exception_id) = 1"
    )
    limit_kinds("'carried', 'payout_returned', 'suspended', 'released'")


def limit_kinds(kinds: str) -> None:
    op.drop_constraint("ck_settlement_adjustment_kind", ADJUSTMENTS, type_="check")
    op.create_check_constraint("ck_settlement_adjustment_kind", ADJUSTMENTS, f"kind IN ({kinds})")


def batches() -> None:
    op.create_table(
        "terminal_batch",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("terminal_id", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        instant("opened_at", nullable=True),
        instant("closed_at"),
        instant("settled_at", nullable=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in SUMS),
        sa.Column("claimed", postgresql.JSONB),
        sa.CheckConstraint("(state = 'unclaimed') = (claimed IS NULL)", name="ck_terminal_batch_claimed"),
        sa.CheckConstraint("number > 0", name="ck_terminal_batch_number"),
        sa.CheckConstraint(
            "state IN ('unclaimed', 'balanced', 'different', 'agreed', 'case', 'decided')", name="ck_terminal_batch_state"
        ),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name="fk_terminal_batch_terminal_id_terminal"),
        sa.PrimaryKeyConstraint("id", name="pk_terminal_batch"),
        sa.UniqueConstraint("terminal_id", "number", name="uq_terminal_batch_terminal_id_number"),
    )
    op.create_index("ix_terminal_batch_case", "terminal_batch", ["id"], postgresql_where=sa.text("state = 'case'"))


def uploads() -> None:
    op.create_table(
        "terminal_batch_upload",
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        sa.Column("mti", sa.String(4), nullable=False),
        sa.Column("stan", sa.String(6), nullable=False),
        sa.Column("code", sa.String(6), nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("business_date", sa.Date),
        sa.Column("entry_id", sa.BigInteger),
        instant("taken_at"),
        sa.CheckConstraint("(business_date IS NULL) = (entry_id IS NULL)", name="ck_terminal_batch_upload_entry"),
        sa.ForeignKeyConstraint(["batch_id"], ["terminal_batch.id"], name="fk_terminal_batch_upload_batch_id_terminal_batch"),
        sa.PrimaryKeyConstraint("batch_id", "mti", "stan", name="pk_terminal_batch_upload"),
    )


def exceptions() -> None:
    table = "terminal_batch_exception"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        sa.Column("finding", sa.String(14), nullable=False),
        sa.Column("stan", sa.String(6), nullable=False),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("terminal_rial", sa.BigInteger, nullable=False),
        sa.Column("bank_rial", sa.BigInteger, nullable=False),
        sa.Column("business_date", sa.Date),
        sa.Column("entry_id", sa.BigInteger),
        instant("raised_at"),
        sa.Column("word", sa.String(9)),
        sa.Column("note", sa.String(200)),
        sa.Column("decided_by", sa.BigInteger),
        instant("decided_at", nullable=True),
        sa.CheckConstraint(
            "(word IS NULL) = (decided_at IS NULL) AND (word IS NULL) = (note IS NULL)", name=f"ck_{table}_decided"
        ),
        sa.CheckConstraint("finding IN ('bank_lacks', 'terminal_lacks', 'amount_differs')", name=f"ck_{table}_finding"),
        sa.CheckConstraint("word IN ('found', 'not_found')", name=f"ck_{table}_word"),
        sa.ForeignKeyConstraint(["batch_id"], ["terminal_batch.id"], name=f"fk_{table}_batch_id_terminal_batch"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_batch_id", table, ["batch_id", "id"])
    op.create_index(f"ix_{table}_open", table, ["id"], postgresql_where=sa.text("word IS NULL"))


def downgrade() -> None:
    op.execute(f"DELETE FROM {ADJUSTMENTS} WHERE origin_id IS NULL")
    limit_kinds("'carried', 'payout_returned'")
    op.drop_column(ADJUSTMENTS, "exception_id")
    op.drop_constraint("ck_settlement_adjustment_one_origin", ADJUSTMENTS, type_="check", if_exists=True)
    op.alter_column(ADJUSTMENTS, "origin_id", nullable=False)
    for table in ("terminal_batch_exception", "terminal_batch_upload", "terminal_batch"):
        op.drop_table(table)
    op.execute("DROP FUNCTION ledger.close_batches")
    op.execute("DROP TABLE ledger.closed_batch")
