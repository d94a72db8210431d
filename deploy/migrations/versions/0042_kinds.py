"""Tries of a card's PIN by who tries."""

import sqlalchemy as sa
from alembic import op

revision = "0042_kinds"
down_revision = "0041_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _pins()


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


def downgrade() -> None:
    op.drop_table("card_pin_client")
    op.drop_column("card_pin", "wrong_at")
