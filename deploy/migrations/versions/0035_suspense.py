"""What goes back to a cardholder out of suspense."""

import sqlalchemy as sa
from alembic import op

revision = "0035_suspense"
down_revision = "0034_places"
branch_labels = None
depends_on = None

TABLE = "holder_return"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("exception_id", sa.BigInteger, nullable=False),
        sa.Column("amount_rial", sa.BigInteger, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("proposed_by", sa.BigInteger),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("posted_date", sa.Date),
        sa.Column("posted_entry", sa.BigInteger),
        sa.CheckConstraint("state IN ('proposed', 'paid', 'refused')", name=f"ck_{TABLE}_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name=f"ck_{TABLE}_decided"),
        sa.CheckConstraint("state <> 'paid' OR posted_entry IS NOT NULL", name=f"ck_{TABLE}_posted"),
        sa.CheckConstraint("amount_rial > 0", name=f"ck_{TABLE}_amount"),
        sa.ForeignKeyConstraint(
            ["exception_id"], ["terminal_batch_exception.id"], name=f"fk_{TABLE}_exception_id_terminal_batch_exception"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    op.create_index(
        f"uq_{TABLE}_exception_id", TABLE, ["exception_id"], unique=True, postgresql_where=sa.text("state <> 'refused'")
    )


def downgrade() -> None:
    op.drop_table(TABLE)
