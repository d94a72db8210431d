"""The ledger: its schema, its chart of accounts, its functions, and who may call them."""

from pathlib import Path

from alembic import op

revision = "0002_ledger"
down_revision = "0001_kernel"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parents[3] / "cardbank" / "ledger" / "schema"
OWNER = "pilgrim_ledger"
READER = "pilgrim_app"
# What a caller may do; every other function is a step of one of these.
PUBLISHED = (
    "post_entries", "reserve_entries", "reserve_accounts", "next_epoch", "open_wallet", "open_account", "lock_wallets",
    "touch", "held_wallets", "make_partitions", "roll_up", "open_day", "close_day", "balance_day", "seal_day",
    "mark_exported", "close_lots", "batch_canonical", "canonical", "day_lock_class",
)  # fmt: skip


def upgrade() -> None:
    for role in (OWNER, READER):
        op.execute(
            f"""DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"""
        )
    # Whoever migrates need not be a superuser, but must be a member of the role that will own the ledger.
    op.execute(f"CREATE SCHEMA ledger AUTHORIZATION {OWNER}")
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.execute("SET LOCAL check_function_bodies = off")
    connection = op.get_bind()
    for name in ("tables", "chart", "posting", "wallets", "upkeep"):
        connection.exec_driver_sql((SCHEMA / f"{name}.sql").read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA ledger TO {READER}")
    op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO {READER}")
    for function in PUBLISHED:
        op.execute(f"GRANT EXECUTE ON FUNCTION ledger.{function} TO {READER}")
    op.execute("SELECT make_partitions(current_date - 12, current_date + 35, 'month')")
    op.execute("SELECT open_day((now() AT TIME ZONE 'Asia/Tehran')::date)")
    for setting in ("check_function_bodies", "search_path", "role"):
        op.execute(f"RESET {setting}")


def downgrade() -> None:
    op.execute("DROP SCHEMA ledger CASCADE")
