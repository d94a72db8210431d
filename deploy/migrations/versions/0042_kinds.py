"""Tries of a card's PIN by who tries; kinds of card that hold no money, and what is sold with them."""

import sqlalchemy as sa
from alembic import op

revision = "0042_kinds"
down_revision = "0041_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _pins()
    _without_money()


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


def downgrade() -> None:
    op.drop_table("cash_sale")
    op.drop_column("till_shift", "cash_sale_rial")
    for table in ("card", "card_kind"):
        op.drop_column(table, "holds_money")
    op.drop_table("card_pin_client")
    op.drop_column("card_pin", "wrong_at")
