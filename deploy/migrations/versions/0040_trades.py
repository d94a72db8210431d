"""A union's quotas, and what shops owe it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0040_trades"
down_revision = "0039_municipality"
branch_labels = None
depends_on = None

TABLES = ("quota", "quota_round", "quota_share", "quota_hand_out", "quota_list", "shop_due", "shop_due_payment", "due_collector")
ADJUSTMENT = "settlement_adjustment"
KINDS = "kind IN ('carried', 'payout_returned', 'suspended', 'released'{})"


def upgrade() -> None:
    op.create_table(
        "quota",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("union_id", sa.BigInteger, nullable=False),
        sa.Column("names", JSONB, nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("whole", sa.BigInteger, nullable=False),
        sa.Column("price_rial", sa.BigInteger),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_quota_period"),
        sa.CheckConstraint("price_rial > 0", name="ck_quota_price_rial"),
        sa.CheckConstraint("unit IN ('kilogram', 'litre', 'sack', 'cylinder', 'pack', 'piece')", name="ck_quota_unit"),
        sa.CheckConstraint("whole > 0", name="ck_quota_whole"),
        sa.ForeignKeyConstraint(["union_id"], ["organisation.id"], name="fk_quota_union_id_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_quota"),
        sa.UniqueConstraint("key", name="uq_quota_key"),
    )
    op.create_index("ix_quota_union_id_id", "quota", ["union_id", "id"])
    op.create_table(
        "quota_round",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("quota_id", sa.BigInteger, nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("opens_on", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_to", sa.BigInteger, server_default="0"),
        sa.Column("fallen_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("way IN ('equal', 'size', 'amount')", name="ck_quota_round_way"),
        sa.CheckConstraint("until >= opens_on", name="ck_quota_round_window"),
        sa.ForeignKeyConstraint(["quota_id"], ["quota.id"], name="fk_quota_round_quota_id_quota"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_round"),
        sa.UniqueConstraint("key", name="uq_quota_round_key"),
    )
    op.create_index("ix_quota_round_open", "quota_round", ["until", "id"], postgresql_where=sa.text("fallen_at IS NULL"))
    op.create_index("ix_quota_round_quota_id", "quota_round", ["quota_id", "id"])
    op.create_index("ix_quota_round_untold", "quota_round", ["id"], postgresql_where=sa.text("told_to IS NOT NULL"))
    op.create_table(
        "quota_share",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("quota_id", sa.BigInteger, nullable=False),
        sa.Column("round_id", sa.BigInteger, nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("handed", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("fallen", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("left_out", sa.String(14)),
        sa.CheckConstraint("handed >= 0 AND fallen >= 0 AND handed + fallen <= amount", name="ck_quota_share_adds_up"),
        sa.CheckConstraint("left_out IN ('suspended', 'closed', 'licence_ended', 'too_small')", name="ck_quota_share_left_out"),
        sa.CheckConstraint("(amount > 0) = (left_out IS NULL)", name="ck_quota_share_left_out_of"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_quota_share_merchant_id_merchant"),
        sa.ForeignKeyConstraint(["quota_id"], ["quota.id"], name="fk_quota_share_quota_id_quota"),
        sa.ForeignKeyConstraint(["round_id"], ["quota_round.id"], name="fk_quota_share_round_id_quota_round"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_share"),
        sa.UniqueConstraint("round_id", "merchant_id", name="uq_quota_share_round_id_merchant_id"),
    )
    op.create_index("ix_quota_share_merchant_id", "quota_share", ["merchant_id", "id"])
    op.create_index("ix_quota_share_quota_id", "quota_share", ["quota_id", "id"])
    op.create_table(
        "quota_hand_out",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("share_id", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("document", sa.String(40)),
        sa.Column("why", sa.String(200)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(80)),
        sa.CheckConstraint("amount > 0", name="ck_quota_hand_out_amount"),
        sa.CheckConstraint("(state = 'given') = (decided_at IS NULL)", name="ck_quota_hand_out_decided"),
        sa.CheckConstraint("state IN ('given', 'confirmed', 'taken_back')", name="ck_quota_hand_out_state"),
        sa.CheckConstraint("(state = 'taken_back') = (why IS NOT NULL)", name="ck_quota_hand_out_taken_back"),
        sa.ForeignKeyConstraint(["share_id"], ["quota_share.id"], name="fk_quota_hand_out_share_id_quota_share"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_hand_out"),
        sa.UniqueConstraint("key", name="uq_quota_hand_out_key"),
    )
    op.create_index("ix_quota_hand_out_share_id", "quota_hand_out", ["share_id", "id"])
    op.create_table(
        "quota_list",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("quota_id", sa.BigInteger, nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("opens_on", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("rows", JSONB, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round_id", sa.BigInteger),
        sa.CheckConstraint("way IN ('size', 'amount')", name="ck_quota_list_way"),
        sa.ForeignKeyConstraint(["quota_id"], ["quota.id"], name="fk_quota_list_quota_id_quota"),
        sa.ForeignKeyConstraint(["round_id"], ["quota_round.id"], name="fk_quota_list_round_id_quota_round"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_list"),
        sa.UniqueConstraint("round_id", name="uq_quota_list_round_id"),
    )
    op.create_table(
        "shop_due",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("creditor_id", sa.BigInteger, nullable=False),
        sa.Column("inspection_id", sa.BigInteger),
        sa.Column("what", sa.String(120), nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("struck_why", sa.String(200)),
        sa.CheckConstraint("amount_rial > 0", name="ck_shop_due_amount_rial"),
        sa.CheckConstraint("struck_why IS NULL OR closed_at IS NOT NULL", name="ck_shop_due_struck_out"),
        sa.CheckConstraint("(what = '') = (inspection_id IS NOT NULL)", name="ck_shop_due_what"),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name="fk_shop_due_creditor_id_organisation"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_shop_due_inspection_id_inspection"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_shop_due_merchant_id_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_shop_due"),
        sa.UniqueConstraint("inspection_id", name="uq_shop_due_inspection_id"),
        sa.UniqueConstraint("key", name="uq_shop_due_key"),
    )
    op.create_index("ix_shop_due_creditor_id_id", "shop_due", ["creditor_id", "id"])
    op.create_index("ix_shop_due_merchant_id_id", "shop_due", ["merchant_id", "id"])
    op.create_index("ix_shop_due_open", "shop_due", ["creditor_id", "due_on", "id"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_table(
        "shop_due_payment",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("due_id", sa.BigInteger, nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("receipt", sa.String(40)),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_rial > 0", name="ck_shop_due_payment_amount_rial"),
        sa.CheckConstraint("(way = 'outside') = (receipt IS NOT NULL)", name="ck_shop_due_payment_receipt"),
        sa.CheckConstraint("way IN ('outside', 'settlement')", name="ck_shop_due_payment_way"),
        sa.ForeignKeyConstraint(["due_id"], ["shop_due.id"], name="fk_shop_due_payment_due_id_shop_due"),
        sa.PrimaryKeyConstraint("id", name="pk_shop_due_payment"),
        sa.UniqueConstraint("key", name="uq_shop_due_payment_key"),
    )
    op.create_index("ix_shop_due_payment_due_id", "shop_due_payment", ["due_id", "id"])
    op.create_table(
        "due_collector",
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_due_collector_merchant_id_merchant"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_due_collector_organisation_id_organisation"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_due_collector"),
        sa.UniqueConstraint("merchant_id", name="uq_due_collector_merchant_id"),
    )
    op.add_column(ADJUSTMENT, sa.Column("due_payment_id", sa.BigInteger))
    op.create_foreign_key("fk_settlement_adjustment_due_payment_id_shop_due_payment", ADJUSTMENT, "shop_due_payment", ["due_payment_id"], ["id"])
    op.create_unique_constraint("uq_settlement_adjustment_due_payment_id_kind", ADJUSTMENT, ["due_payment_id", "kind"])
    _checks(KINDS.format(", 'due_paid', 'due_received'"), "num_nonnulls(origin_id, exception_id, due_payment_id) = 1")


def downgrade() -> None:
    op.execute("DELETE FROM settlement_adjustment WHERE due_payment_id IS NOT NULL")
    _checks(KINDS.format(""), "num_nonnulls(origin_id, exception_id) = 1")
    op.drop_column(ADJUSTMENT, "due_payment_id")
    for table in reversed(TABLES):
        op.drop_table(table)


def _checks(kinds: str, origin: str) -> None:
    for name, rule in (("ck_settlement_adjustment_kind", kinds), ("ck_settlement_adjustment_one_origin", origin)):
        op.drop_constraint(name, ADJUSTMENT, type_="check")
        op.create_check_constraint(name, ADJUSTMENT, rule)
