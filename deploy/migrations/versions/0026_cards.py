"""New cards in place of old ones: what holders ask for, and finding a card by its last digits."""

import sqlalchemy as sa
from alembic import op

revision = "0026_cards"
down_revision = "0025_terminal_set_up"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_replacement",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id"), nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("new_card_id", sa.BigInteger, sa.ForeignKey("card.id")),
        sa.CheckConstraint("why IN ('lost', 'stolen', 'damaged', 'expired')", name="why"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'withdrawn')", name="state"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("(state = 'done') = (new_card_id IS NOT NULL)", name="done_names_the_card"),
    )
    op.create_index(
        "uq_card_replacement_waiting", "card_replacement", ["card_id"], unique=True, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index(
        "ix_card_replacement_city_id_waiting", "card_replacement", ["city_id", "id"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON card_replacement TO pilgrim_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pilgrim_app")
    op.execute("CREATE INDEX ix_card_masked_end ON card (right(masked, 4))")


def downgrade() -> None:
    op.execute("DROP INDEX ix_card_masked_end")
    op.drop_table("card_replacement")
