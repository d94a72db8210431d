"""Discounts taken off at the tills, commission by category of goods, and a shop's own words on its receipts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029_terms"
down_revision = "0028_complaints"
branch_labels = None
depends_on = None

TERMS = "commission_term"
OWNERS = ("merchant_id", "shop_kind")
CHECKS = {
    "goods_at_once": "goods = '' OR NOT on_instalments",
    "group_of_merchant": "goods NOT LIKE 'group:%' OR merchant_id IS NOT NULL",
    "period": "ends_at > starts_at",
}


def upgrade() -> None:
    op.create_table(
        "sale_discount",
        sa.Column("key_date", sa.Date, nullable=False),
        sa.Column("source", sa.SmallInteger, nullable=False),
        sa.Column("source_id", sa.BigInteger, nullable=False),
        sa.Column("source_key", sa.String(60), nullable=False),
        sa.Column("price_rial", sa.BigInteger, nullable=False),
        sa.Column("discount_rial", sa.BigInteger, nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_date", "source", "source_id", "source_key", name="pk_sale_discount"),
        sa.CheckConstraint("discount_rial > 0 AND discount_rial < price_rial", name="ck_sale_discount_discount_rial"),
    )
    op.add_column("sale_terms", sa.Column("discounts_card_prices", sa.Boolean, server_default="false", nullable=False))
    for table in ("priced_line", "settlement_statement"):
        op.add_column(table, sa.Column("discount_rial", sa.BigInteger, server_default="0", nullable=False))
    _commission_by_goods()
    shop = sa.ForeignKey("merchant.id", name="fk_receipt_text_merchant_id_merchant")
    op.create_table(
        "receipt_text",
        sa.Column("merchant_id", sa.BigInteger, shop, nullable=False),
        sa.Column("head", postgresql.JSONB, nullable=False),
        sa.Column("foot", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_receipt_text"),
    )


def _commission_by_goods() -> None:
    op.add_column(TERMS, sa.Column("goods", sa.String(24), server_default="", nullable=False))
    op.add_column(TERMS, sa.Column("ends_at", sa.DateTime(timezone=True)))
    for owner in OWNERS:
        op.drop_constraint(f"uq_{TERMS}_{owner}_on_instalments_starts_at", TERMS, type_="unique")
        op.create_unique_constraint(
            f"uq_{TERMS}_{owner}_goods_on_instalments_starts_at", TERMS, [owner, "goods", "on_instalments", "starts_at"]
        )
    for name, rule in CHECKS.items():
        op.create_check_constraint(f"ck_{TERMS}_{name}", TERMS, rule)
    term = sa.ForeignKey("commission_term.id", name="fk_priced_share_term_id_commission_term")
    op.create_table(
        "priced_share",
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        sa.Column("place", sa.SmallInteger, nullable=False),
        sa.Column("term_id", sa.BigInteger, term),
        sa.Column("gross_rial", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("business_date", "entry_id", "place", name="pk_priced_share"),
    )
    _offers()


def _offers() -> None:
    shop = sa.ForeignKey("merchant.id", name="fk_commission_offer_merchant_id_merchant")
    term = sa.ForeignKey("commission_term.id", name="fk_commission_offer_term_id_commission_term")
    op.create_table(
        "commission_offer",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger, shop, nullable=False),
        sa.Column("goods", sa.String(24), nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("borne_by", sa.String(8), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("state", sa.String(10), server_default="offered", nullable=False),
        sa.Column("is_offered_by_shop", sa.Boolean, nullable=False),
        sa.Column("offered_by", sa.BigInteger),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.BigInteger),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("term_id", sa.BigInteger, term),
        sa.PrimaryKeyConstraint("id", name="pk_commission_offer"),
        sa.UniqueConstraint("term_id", name="uq_commission_offer_term_id"),
        sa.CheckConstraint("state IN ('offered', 'signed', 'refused', 'withdrawn')", name="ck_commission_offer_state"),
        sa.CheckConstraint("(state = 'signed') = (term_id IS NOT NULL)", name="ck_commission_offer_signed_in_a_term"),
        sa.CheckConstraint("state <> 'signed' OR answered_by <> offered_by", name="ck_commission_offer_two_sides"),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="ck_commission_offer_basis_points"),
        sa.CheckConstraint("borne_by IN ('shop', 'network')", name="ck_commission_offer_borne_by"),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_commission_offer_period"),
    )
    op.create_index("ix_commission_offer_merchant_id", "commission_offer", ["merchant_id", "id"])
    op.create_index(
        "uq_commission_offer_offered", "commission_offer", ["merchant_id", "goods"], unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("receipt_text")
    op.drop_table("commission_offer")
    op.drop_table("priced_share")
    for name in CHECKS:
        op.drop_constraint(f"ck_{TERMS}_{name}", TERMS, type_="check")
    for owner in OWNERS:
        op.drop_constraint(f"uq_{TERMS}_{owner}_goods_on_instalments_starts_at", TERMS, type_="unique")
    op.execute(f"UPDATE priced_line SET term_id = NULL WHERE term_id IN (SELECT id FROM {TERMS} WHERE goods <> '')")
    op.execute(f"DELETE FROM {TERMS} WHERE goods <> ''")
    for column in ("goods", "ends_at"):
        op.drop_column(TERMS, column)
    for owner in OWNERS:
        op.create_unique_constraint(f"uq_{TERMS}_{owner}_on_instalments_starts_at", TERMS, [owner, "on_instalments", "starts_at"])
    for table in ("settlement_statement", "priced_line"):
        op.drop_column(table, "discount_rial")
    op.drop_column("sale_terms", "discounts_card_prices")
    op.drop_table("sale_discount")
