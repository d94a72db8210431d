"""Sign-ins and requests of the pilgrim's API."""

import sqlalchemy as sa
from alembic import op

revision = "0022_mobile"
down_revision = "0021_reservations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("client", sa.String(40), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("content_digest", sa.LargeBinary, nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", "key", name="pk_kept_answer"),
    )
    op.create_index("ix_kept_answer_kept_until", "kept_answer", ["kept_until"])


def downgrade() -> None:
    op.drop_table("kept_answer")
