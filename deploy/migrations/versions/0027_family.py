"""Shared wallets of families, with limits of their members."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_family"
down_revision = "0026_cards"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parents[3] / "cardbank" / "ledger" / "schema"
OWNER = "pilgrim_ledger"
READER = "pilgrim_app"


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def number(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def upgrade() -> None:
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.get_bind().exec_driver_sql((SCHEMA / "limits.sql").read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("REVOKE EXECUTE ON FUNCTION limit_member FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION limit_member TO {READER}")
    for setting in ("search_path", "role"):
        op.execute(f"RESET {setting}")
    families()


def families() -> None:
    op.add_column("member", instant("left_at", nullable=True))
    op.create_table(
        "family",
        sa.Column("wallet_id", sa.BigInteger, autoincrement=False, nullable=False),
        number("head_id"),
        instant("opened_at"),
        instant("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("wallet_id", name="pk_family"),
        sa.ForeignKeyConstraint(["head_id"], ["member.id"], name="fk_family_head_id_member"),
        sa.UniqueConstraint("head_id", name="uq_family_head_id"),
    )
    op.create_table(
        "family_member",
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        number("wallet_id"),
        sa.Column("is_child", sa.Boolean, nullable=False),
        sa.Column("shows_lines", sa.Boolean, nullable=False),
        number("day_rial", nullable=True),
        number("month_rial", nullable=True),
        sa.Column("kinds", postgresql.ARRAY(sa.String(20)), nullable=False),
        instant("joined_at"),
        sa.PrimaryKeyConstraint("member_id", name="pk_family_member"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_family_member_member_id_member"),
        sa.ForeignKeyConstraint(["wallet_id"], ["family.wallet_id"], name="fk_family_member_wallet_id_family"),
        sa.CheckConstraint("day_rial > 0", name="ck_family_member_day_rial"),
        sa.CheckConstraint("month_rial > 0", name="ck_family_member_month_rial"),
        sa.CheckConstraint("NOT is_child OR shows_lines", name="ck_family_member_child_is_seen"),
    )
    op.create_index("ix_family_member_wallet_id", "family_member", ["wallet_id"])
    op.create_table(
        "family_code",
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        number("wallet_id"),
        instant("usable_until"),
        instant("used_at", nullable=True),
        sa.PrimaryKeyConstraint("code_digest", name="pk_family_code"),
        sa.ForeignKeyConstraint(["wallet_id"], ["family.wallet_id"], name="fk_family_code_wallet_id_family"),
    )


def downgrade() -> None:
    for table in ("family_code", "family_member", "family"):
        op.drop_table(table)
    op.drop_column("member", "left_at")
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.execute("DROP FUNCTION limit_member")
    op.execute("DELETE FROM account_kind WHERE id IN (12, 13)")
    for setting in ("search_path", "role"):
        op.execute(f"RESET {setting}")
