"""Shared wallets of families with limits of their members, receivers of gifts and what was given, and who left with the money."""

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
KINDS = "'merchant', 'union', 'municipality', 'city_office', 'operator', 'sponsor'"


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
    receivers()
    leaving()


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


def receivers() -> None:
    limit(KINDS + ", 'endowment'")
    op.create_table(
        "receiver",
        sa.Column("merchant_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("causes", postgresql.ARRAY(sa.String(10)), nullable=False),
        sa.Column("about", postgresql.JSONB, nullable=False),
        instant("registered_at"),
        instant("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_receiver"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_receiver_merchant_id_merchant"),
        sa.CheckConstraint(
            "cardinality(causes) > 0 AND causes <@ ARRAY['vow', 'endowment', 'charity']::varchar[]", name="ck_receiver_causes"
        ),
    )
    op.create_table(
        "giving",
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("entry_id", sa.BigInteger, autoincrement=False, nullable=False),
        number("receiver_id"),
        number("wallet_id"),
        sa.Column("cause", sa.String(10), nullable=False),
        number("amount_rial"),
        instant("given_at"),
        sa.PrimaryKeyConstraint("business_date", "entry_id", name="pk_giving"),
        sa.ForeignKeyConstraint(["receiver_id"], ["receiver.merchant_id"], name="fk_giving_receiver_id_receiver"),
        sa.CheckConstraint("amount_rial > 0", name="ck_giving_amount_rial"),
        sa.CheckConstraint("cause IN ('vow', 'endowment', 'charity')", name="ck_giving_cause"),
    )
    op.create_index("ix_giving_receiver_id", "giving", ["receiver_id", "given_at"])


def leaving() -> None:
    op.create_table(
        "leaving",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        number("card_id"),
        number("wallet_id"),
        sa.Column("way", sa.String(6), nullable=False),
        number("amount_rial"),
        instant("left_at"),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        number("receiver_id", nullable=True),
        sa.Column("sheba", sa.String(26)),
        sa.Column("holder_name", sa.String(70)),
        sa.Column("payout_state", sa.String(8), server_default="none", nullable=False),
        number("batch_id", nullable=True),
        instant("answered_at", nullable=True),
        sa.Column("answer", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_leaving"),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name="fk_leaving_card_id_card"),
        sa.ForeignKeyConstraint(["receiver_id"], ["receiver.merchant_id"], name="fk_leaving_receiver_id_receiver"),
        sa.ForeignKeyConstraint(["batch_id"], ["settlement_batch.id"], name="fk_leaving_batch_id_settlement_batch"),
        sa.UniqueConstraint("business_date", "entry_id", name="uq_leaving_business_date_entry_id"),
        sa.CheckConstraint("amount_rial > 0", name="ck_leaving_amount_rial"),
        sa.CheckConstraint("way IN ('cash', 'sheba', 'gift')", name="ck_leaving_way"),
        sa.CheckConstraint("(way = 'gift') = (receiver_id IS NOT NULL)", name="ck_leaving_receiver_given"),
        sa.CheckConstraint("way = 'sheba' OR payout_state = 'none'", name="ck_leaving_payout_of_sheba"),
        sa.CheckConstraint(
            "payout_state IN ('none', 'waiting', 'sent', 'accepted', 'returned')", name="ck_leaving_payout_state"
        ),
        sa.CheckConstraint("(payout_state IN ('none', 'waiting')) = (batch_id IS NULL)", name="ck_leaving_batch_given"),
    )
    op.create_index("ix_leaving_wallet_id", "leaving", ["wallet_id"])
    op.create_index("ix_leaving_batch_id", "leaving", ["batch_id"])
    waiting = sa.text("payout_state = 'waiting'")
    op.create_index("ix_leaving_waiting", "leaving", ["id"], postgresql_where=waiting)


def limit(kinds: str) -> None:
    op.drop_constraint("ck_organisation_kind", "organisation", type_="check")
    op.create_check_constraint("ck_organisation_kind", "organisation", f"kind IN ({kinds})")


def downgrade() -> None:
    """Only a database that never registered a receiver goes back: what was given to one is in its books."""
    for table in ("leaving", "giving", "receiver", "family_code", "family_member", "family"):
        op.drop_table(table)
    op.drop_column("member", "left_at")
    limit(KINDS)
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute("SET LOCAL search_path = ledger")
    op.execute("DROP FUNCTION limit_member")
    op.execute("DELETE FROM account_kind WHERE id IN (12, 13)")
    for setting in ("search_path", "role"):
        op.execute(f"RESET {setting}")
