"""A shop's own colour and logo."""

import sqlalchemy as sa
from alembic import op

revision = "0046_look"
down_revision = "0045_walks"
branch_labels = None
depends_on = None

ACCENTS = "accent IN ('lapis', 'pistachio', 'pomegranate', 'rose', 'saffron', 'turquoise', 'violet', 'walnut')"


def upgrade() -> None:
    op.create_table(
        "shop_look",
        sa.Column("merchant_id", sa.BigInteger, sa.ForeignKey("merchant.id", name="fk_shop_look_merchant_id_merchant"), nullable=False),
        sa.Column("accent", sa.String(12)),
        sa.Column("logo", sa.String(32)),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_shop_look"),
        sa.UniqueConstraint("logo", name="uq_shop_look_logo"),
        sa.CheckConstraint(ACCENTS, name="ck_shop_look_accent"),
    )


def downgrade() -> None:
    op.drop_table("shop_look")
