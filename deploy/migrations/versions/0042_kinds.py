"""Tries of a card's PIN by who tries; kinds of card that hold no money, and what is sold with them; orders of cards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042_kinds"
down_revision = "0041_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _pins()
    _without_money()
    _orders()


def _pins() -> None:
    op.add_column("card_pin", sa.Column("wrong_at", sa.DateTime(timezone=True)))
    card = sa.ForeignKey("card.id", name="fk_card_pin_client_card_id_card")
    op.create_table(
        "card_pin_client",
        sa.Column("card_id", sa.BigInteger, card, nullable=False),
        sa.Column("client", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("is_known", sa.Boolean, server_default="false", nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("card_id", "client", name="pk_card_pin_client"),
        sa.CheckConstraint("tries >= 0", name="ck_card_pin_client_tries"),
    )


def _without_money() -> None:
    for table in ("card_kind", "card"):
        op.add_column(table, sa.Column("holds_money", sa.Boolean, server_default="true", nullable=False))
    op.add_column("till_shift", sa.Column("cash_sale_rial", sa.BigInteger, server_default="0", nullable=False))
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "cash_sale",
        sa.Column("key_date", sa.Date, nullable=False),
        sa.Column("source", sa.SmallInteger, nullable=False),
        sa.Column("source_id", sa.BigInteger, nullable=False),
        sa.Column("source_key", sa.String(60), nullable=False),
        sa.Column("merchant_id", sa.BigInteger, sa.ForeignKey("merchant.id", name="fk_cash_sale_merchant_id_merchant"), nullable=False),
        sa.Column("terminal_id", sa.BigInteger, sa.ForeignKey("terminal.id", name="fk_cash_sale_terminal_id_terminal"), nullable=False),
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id", name="fk_cash_sale_card_id_card"), nullable=False),
        sa.Column("price_rial", sa.BigInteger, nullable=False),
        sa.Column("discount_rial", sa.BigInteger, nullable=False),
        sa.Column("sold_at", instant, nullable=False),
        sa.Column("taken_back_at", instant),
        sa.PrimaryKeyConstraint("key_date", "source", "source_id", "source_key", name="pk_cash_sale"),
        sa.CheckConstraint("discount_rial > 0 AND discount_rial < price_rial", name="ck_cash_sale_discount_rial"),
    )
    op.create_index("ix_cash_sale_merchant_id_sold_at", "cash_sale", ["merchant_id", "sold_at"])
    op.create_index("ix_cash_sale_card_id_sold_at", "cash_sale", ["card_id", "sold_at"])


def _orders() -> None:
    instant, amount = sa.DateTime(timezone=True), sa.BigInteger
    op.create_table(
        "card_price_list",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("setup_rial", amount, nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_card_price_list"),
        sa.UniqueConstraint("kind", "starts_on", name="uq_card_price_list_kind_starts_on"),
        sa.CheckConstraint("setup_rial >= 0", name="ck_card_price_list_setup_rial"),
    )
    prices = sa.ForeignKey("card_price_list.id", name="fk_card_price_tier_list_id_card_price_list")
    op.create_table(
        "card_price_tier",
        sa.Column("list_id", sa.BigInteger, prices, nullable=False),
        sa.Column("least", sa.Integer, nullable=False),
        sa.Column("unit_rial", amount, nullable=False),
        sa.PrimaryKeyConstraint("list_id", "least", name="pk_card_price_tier"),
        sa.CheckConstraint("least > 0 AND unit_rial > 0", name="ck_card_price_tier_positive"),
    )
    op.execute("REVOKE UPDATE, DELETE ON card_price_list, card_price_tier FROM pilgrim_app")
    organisation = sa.ForeignKey("organisation.id", name="fk_card_order_organisation_id_organisation")
    op.create_table(
        "card_order",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", postgresql.UUID, nullable=False),
        sa.Column("organisation_id", sa.BigInteger, organisation, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cards", sa.Integer, nullable=False),
        sa.Column("design", sa.String(60), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("unit_rial", amount, nullable=False),
        sa.Column("setup_rial", amount, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("numbers_taken_at", instant),
        sa.Column("delivered_at", instant),
        sa.Column("receipt", sa.String(30)),
        sa.Column("paid_at", instant),
        sa.Column("why", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_card_order"),
        sa.UniqueConstraint("key", name="uq_card_order_key"),
        sa.CheckConstraint(
            "state IN ('asked', 'confirmed', 'producing', 'delivered', 'closed', 'called_off')", name="ck_card_order_state"
        ),
        sa.CheckConstraint("cards > 0 AND unit_rial > 0 AND setup_rial >= 0", name="ck_card_order_amounts"),
        sa.CheckConstraint("(receipt IS NULL) = (paid_at IS NULL)", name="ck_card_order_paid_by_a_receipt"),
        sa.CheckConstraint("state <> 'closed' OR paid_at IS NOT NULL", name="ck_card_order_closed_is_paid"),
        sa.CheckConstraint("(state = 'called_off') = (why IS NOT NULL)", name="ck_card_order_called_off_with_a_reason"),
    )
    op.create_index("ix_card_order_organisation_id", "card_order", ["organisation_id", "id"])
    op.create_index("ix_card_order_state", "card_order", ["state", "id"])
    order = sa.ForeignKey("card_order.id", name="fk_card_order_art_order_id_card_order")
    op.create_table(
        "card_order_art",
        sa.Column("order_id", sa.BigInteger, order, nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("wide", sa.Integer, nullable=False),
        sa.Column("high", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_card_order_art"),
    )
    op.add_column("card", sa.Column("order_id", sa.BigInteger, sa.ForeignKey("card_order.id", name="fk_card_order_id_card_order")))
    op.create_index("ix_card_order_id", "card", ["order_id"])


def downgrade() -> None:
    op.drop_column("card", "order_id")
    for table in ("card_order_art", "card_order", "card_price_tier", "card_price_list"):
        op.drop_table(table)
    op.drop_table("cash_sale")
    op.drop_column("till_shift", "cash_sale_rial")
    for table in ("card", "card_kind"):
        op.drop_column(table, "holds_money")
    op.drop_table("card_pin_client")
    op.drop_column("card_pin", "wrong_at")
