"""What the network knows of its shops' records, kept; who came into groups of customers; indexes of lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0038_quality"
down_revision = "0037_terms_of_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_quality",
        sa.Column("merchant_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("union_id", sa.BigInteger),
        sa.Column("city_ids", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("score", sa.SmallInteger, nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="ck_shop_quality_score"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_shop_quality_merchant_id_merchant"),
        sa.ForeignKeyConstraint(["union_id"], ["organisation.id"], name="fk_shop_quality_union_id_organisation"),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_shop_quality"),
    )
    op.create_index("ix_shop_quality_score_merchant_id", "shop_quality", ["score", "merchant_id"], postgresql_include=["faults", "city_ids"])
    op.create_index(
        "ix_shop_quality_union_id_score_merchant_id", "shop_quality", ["union_id", "score", "merchant_id"], postgresql_include=["faults"]
    )
    op.create_table(
        "quality_sum",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("union_id", sa.BigInteger),
        sa.Column("city_ids", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.Column("shops", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["union_id"], ["organisation.id"], name="fk_quality_sum_union_id_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_quality_sum"),
        sa.UniqueConstraint("union_id", "city_ids", "faults", name="uq_quality_sum_alike", postgresql_nulls_not_distinct=True),
    )
    op.create_table(
        "quality_round",
        sa.Column("id", sa.SmallInteger, autoincrement=False, server_default="1", nullable=False),
        sa.Column("after", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True)),
        sa.Column("whole_since", sa.DateTime(timezone=True)),
        sa.CheckConstraint("id = 1", name="ck_quality_round_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_quality_round"),
    )
    op.execute("INSERT INTO quality_round DEFAULT VALUES")
    op.create_table(
        "group_move",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("group_id", sa.BigInteger, nullable=False),
        sa.Column("numbers", sa.Integer, nullable=False),
        sa.Column("sign_in_id", sa.BigInteger),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("numbers <> 0", name="ck_group_move_numbers"),
        sa.ForeignKeyConstraint(["group_id"], ["customer_group.id"], name="fk_group_move_group_id_customer_group"),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_in.id"], name="fk_group_move_sign_in_id_sign_in"),
        sa.PrimaryKeyConstraint("id", name="pk_group_move"),
    )
    op.create_index("ix_group_move_at", "group_move", ["at"])
    op.create_index("ix_group_move_group_id_at", "group_move", ["group_id", "at"])
    # Who is in a group now came when they were put in; who left before is not known any more.
    op.execute("INSERT INTO group_move (group_id, numbers, at) SELECT group_id, count(*), added_at FROM group_member GROUP BY group_id, added_at ORDER BY added_at")
    # Lists and reports that read all rows to show a few.
    op.create_index(
        "ix_complaint_municipality_id_id_hers", "complaint", ["municipality_id", "id"],
        postgresql_where=sa.text("union_id IS NULL OR escalated_at IS NOT NULL"),
        postgresql_include=["closed_at", "waiting_since", "due_at", "state", "trade_id"],
    )
    op.create_index(
        "ix_refund_order_complaint_id_appealed", "refund_order", ["complaint_id"], postgresql_where=sa.text("appealed_at IS NOT NULL")
    )
    op.create_index("ix_message_state_id", "message", ["state", "id"])
    op.create_index("ix_card_created_at", "card", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_card_created_at", "card")
    op.drop_index("ix_message_state_id", "message")
    op.drop_index("ix_refund_order_complaint_id_appealed", "refund_order")
    op.drop_index("ix_complaint_municipality_id_id_hers", "complaint")
    op.drop_table("group_move")
    op.drop_table("quality_round")
    op.drop_table("quality_sum")
    op.drop_table("shop_quality")
