"""Commission terms, priced lines, bank accounts, settlement batches with statements and payout files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_settlement"
down_revision = "0007_merchants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commission_term",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger),
        sa.Column("shop_kind", sa.String(20)),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("most_rial", sa.BigInteger),
        sa.Column("borne_by", sa.String(8), nullable=False),
        sa.CheckConstraint("borne_by IN ('shop', 'network')", name="ck_commission_term_borne_by"),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="ck_commission_term_basis_points"),
        sa.CheckConstraint("most_rial > 0", name="ck_commission_term_most_rial"),
        sa.CheckConstraint("num_nonnulls(merchant_id, shop_kind) = 1", name="ck_commission_term_one_owner"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_commission_term_merchant_id_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_commission_term"),
        sa.UniqueConstraint("merchant_id", "starts_at", name="uq_commission_term_merchant_id_starts_at"),
        sa.UniqueConstraint("shop_kind", "starts_at", name="uq_commission_term_shop_kind_starts_at"),
    )
    op.create_table(
        "priced_day",
        sa.Column("business_date", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("business_date", name="pk_priced_day"),
    )
    op.create_table(
        "priced_batch",
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("batch_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("business_date", "batch_id", name="pk_priced_batch"),
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("sheba", sa.String(26), nullable=False),
        sa.Column("holder_name", sa.String(70), nullable=False),
        sa.Column("status", sa.String(10), server_default="proposed", nullable=False),
        sa.Column("proposed_by", sa.BigInteger),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usable_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("why", sa.String(200)),
        sa.CheckConstraint("status <> 'approved' OR decided_by <> proposed_by", name="ck_bank_account_four_eyes"),
        sa.CheckConstraint("status IN ('proposed', 'approved', 'rejected', 'withdrawn')", name="ck_bank_account_status"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_bank_account_merchant_id_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_account"),
    )
    op.create_index("ix_bank_account_merchant_id", "bank_account", ["merchant_id"])
    op.create_index("ix_bank_account_one_proposed", "bank_account", ["merchant_id"], unique=True, postgresql_where=sa.text("status = 'proposed'"))
    op.create_table(
        "bank_account_notice",
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name="fk_bank_account_notice_account_id_bank_account"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_bank_account_notice_person_id_person"),
        sa.PrimaryKeyConstraint("account_id", "person_id", name="pk_bank_account_notice"),
    )
    op.create_table(
        "bank_day",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("why", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_bank_day"),
    )
    op.create_table(
        "settlement_batch",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("cut_off", sa.Date, nullable=False),
        sa.Column("is_scheduled", sa.Boolean, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statements", sa.Integer, nullable=False),
        sa.Column("payouts", sa.Integer, nullable=False),
        sa.Column("held", sa.Integer, nullable=False),
        sa.Column("accepted", sa.Integer, server_default="0", nullable=False),
        sa.Column("returned", sa.Integer, server_default="0", nullable=False),
        sa.Column("payout_rial", sa.BigInteger, nullable=False),
        sa.Column("commission_rial", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_batch"),
        sa.UniqueConstraint("reference", name="uq_settlement_batch_reference"),
    )
    op.create_index("ix_settlement_batch_one_a_day", "settlement_batch", ["cut_off"], unique=True, postgresql_where=sa.text("is_scheduled"))
    op.create_table(
        "settlement_statement",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("sales_rial", sa.BigInteger, nullable=False),
        sa.Column("returns_rial", sa.BigInteger, nullable=False),
        sa.Column("reversals_rial", sa.BigInteger, nullable=False),
        sa.Column("cash_rial", sa.BigInteger, nullable=False),
        sa.Column("credit_rial", sa.BigInteger, nullable=False),
        sa.Column("commission_rial", sa.BigInteger, nullable=False),
        sa.Column("spared_rial", sa.BigInteger, nullable=False),
        sa.Column("adjustments_rial", sa.BigInteger, nullable=False),
        sa.Column("carried_in_rial", sa.BigInteger, nullable=False),
        sa.Column("payout_rial", sa.BigInteger, nullable=False),
        sa.Column("carried_rial", sa.BigInteger, nullable=False),
        sa.Column("sheba", sa.String(26)),
        sa.Column("holder_name", sa.String(70)),
        sa.Column("payout_reference", sa.String(14)),
        sa.Column("payout_state", sa.String(8), nullable=False),
        sa.Column("payout_date", sa.Date),
        sa.Column("payout_entry", sa.BigInteger),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.String(200)),
        sa.CheckConstraint("payout_state IN ('none', 'held', 'sent', 'accepted', 'returned')", name="ck_settlement_statement_payout_state"),
        sa.CheckConstraint("payout_rial = 0 OR (sheba IS NOT NULL AND carried_rial = 0)", name="ck_settlement_statement_paid_whole_or_not"),
        sa.CheckConstraint("payout_rial >= 0", name="ck_settlement_statement_payout_rial"),
        sa.CheckConstraint("sales_rial + returns_rial + reversals_rial + cash_rial - commission_rial + adjustments_rial + carried_in_rial = payout_rial + carried_rial", name="ck_settlement_statement_adds_up"),
        sa.ForeignKeyConstraint(["batch_id"], ["settlement_batch.id"], name="fk_settlement_statement_batch_id_settlement_batch"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_settlement_statement_merchant_id_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_statement"),
        sa.UniqueConstraint("batch_id", "merchant_id", name="uq_settlement_statement_batch_id_merchant_id"),
        sa.UniqueConstraint("payout_reference", name="uq_settlement_statement_payout_reference"),
    )
    op.create_index("ix_settlement_statement_batch_id", "settlement_statement", ["batch_id", "id"])
    op.create_index("ix_settlement_statement_merchant_id", "settlement_statement", ["merchant_id", "id"])
    op.create_table(
        "settlement_adjustment",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("origin_id", sa.BigInteger, nullable=False),
        sa.Column("statement_id", sa.BigInteger),
        sa.CheckConstraint("kind IN ('carried', 'payout_returned')", name="ck_settlement_adjustment_kind"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_settlement_adjustment_merchant_id_merchant"),
        sa.ForeignKeyConstraint(["origin_id"], ["settlement_statement.id"], name="fk_settlement_adjustment_origin_id_settlement_statement"),
        sa.ForeignKeyConstraint(["statement_id"], ["settlement_statement.id"], name="fk_settlement_adjustment_statement_id_settlement_statement"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_adjustment"),
        sa.UniqueConstraint("origin_id", "kind", name="uq_settlement_adjustment_origin_id_kind"),
    )
    op.create_index("ix_settlement_adjustment_open", "settlement_adjustment", ["merchant_id"], postgresql_where=sa.text("statement_id IS NULL"))
    op.create_index("ix_settlement_adjustment_statement_id", "settlement_adjustment", ["statement_id"])
    op.create_table(
        "payout_file",
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        sa.Column("form", sa.String(4), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["settlement_batch.id"], name="fk_payout_file_batch_id_settlement_batch"),
        sa.PrimaryKeyConstraint("batch_id", "form", name="pk_payout_file"),
    )
    op.create_table(
        "priced_line",
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("entry_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("terminal_id", sa.BigInteger),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("part", sa.String(8), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gross_rial", sa.BigInteger, nullable=False),
        sa.Column("credit_rial", sa.BigInteger, nullable=False),
        sa.Column("commission_rial", sa.BigInteger, nullable=False),
        sa.Column("spared_rial", sa.BigInteger, nullable=False),
        sa.Column("term_id", sa.BigInteger),
        sa.Column("original_date", sa.Date),
        sa.Column("original_id", sa.BigInteger),
        sa.Column("statement_id", sa.BigInteger),
        sa.CheckConstraint("part IN ('sale', 'return', 'reversal', 'cash')", name="ck_priced_line_part"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_priced_line_merchant_id_merchant"),
        sa.ForeignKeyConstraint(["statement_id"], ["settlement_statement.id"], name="fk_priced_line_statement_id_settlement_statement"),
        sa.ForeignKeyConstraint(["term_id"], ["commission_term.id"], name="fk_priced_line_term_id_commission_term"),
        sa.PrimaryKeyConstraint("business_date", "entry_id", name="pk_priced_line"),
    )
    op.create_index("ix_priced_line_open", "priced_line", ["merchant_id", "business_date"], postgresql_where=sa.text("statement_id IS NULL"))
    op.create_index("ix_priced_line_original", "priced_line", ["original_date", "original_id"], postgresql_where=sa.text("original_id IS NOT NULL"))
    op.create_index("ix_priced_line_statement_id", "priced_line", ["statement_id", "business_date", "entry_id"])


def downgrade() -> None:
    for table in (
        "priced_line", "payout_file", "settlement_adjustment", "settlement_statement", "settlement_batch", "bank_day",
        "bank_account_notice", "bank_account", "priced_batch", "priced_day", "commission_term",
    ):
        op.drop_table(table)
