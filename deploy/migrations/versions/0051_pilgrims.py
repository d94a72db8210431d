"""Who is called when somebody is lost, and whether they have seen it."""

import sqlalchemy as sa
from alembic import op

revision = "0051_pilgrims"
down_revision = "0050_shop_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help_alarm",
        sa.Column("view_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("view_id", "person_id", name="pk_help_alarm"),
        sa.ForeignKeyConstraint(["view_id"], ["help_view.id"], name="fk_help_alarm_view_id_help_view", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_help_alarm_person_id_person"),
    )
    op.create_index("ix_help_alarm_person_id", "help_alarm", ["person_id", "view_id"])
    op.create_index("ix_help_card_leader_mobile", "help_card", ["leader_mobile"], postgresql_where=sa.text("is_on"))


def downgrade() -> None:
    op.drop_index("ix_help_card_leader_mobile", "help_card")
    op.drop_table("help_alarm")
