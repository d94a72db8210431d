"""Messages by SMS and e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0023_messages"
down_revision = "0022_mobile"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", sa.String(120)),
        sa.Column("notice", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(5), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("to_sealed", sa.LargeBinary, nullable=False),
        sa.Column("to_digest", sa.LargeBinary, nullable=False),
        sa.Column("to_shown", sa.String(130), nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary),
        sa.Column("state", sa.String(10), server_default="waiting", nullable=False),
        sa.Column("tries", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("parts", sa.SmallInteger),
        sa.Column("provider", sa.String(120)),
        sa.Column("reference", sa.String(200)),
        sa.Column("fault", sa.String(12)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("ask_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("purpose IN ('code', 'service', 'offer')", name="ck_message_purpose"),
        sa.CheckConstraint("channel IN ('sms', 'email')", name="ck_message_channel"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'delivered', 'failed', 'expired', 'refused')", name="ck_message_state"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("key", name="uq_message_key"),
    )
    op.create_index("ix_message_due", "message", ["due_at"], postgresql_where=sa.text("state = 'waiting'"))
    asked = sa.text("state = 'sent' AND ask_at IS NOT NULL")
    op.create_index("ix_message_asked", "message", ["ask_at"], postgresql_where=asked)
    op.create_index("ix_message_to_digest", "message", ["to_digest", "id"])
    op.create_index("ix_message_created_at", "message", ["created_at"])
    op.create_table(
        "offer_refusal",
        sa.Column("to_digest", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("to_digest", name="pk_offer_refusal"),
    )


def downgrade() -> None:
    op.drop_table("offer_refusal")
    op.drop_table("message")
