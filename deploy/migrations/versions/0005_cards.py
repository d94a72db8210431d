"""Cards, members, card history, challenges."""

import sqlalchemy as sa
from alembic import op

revision = "0005_cards"
down_revision = "0004_places"
branch_labels = None
depends_on = None

STATUSES = ("stock", "issued", "active", "blocked", "replaced", "expired", "refunded")
BLOCK_REASONS = ("holder", "lost", "stolen", "bank")


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("wallet_id", sa.BigInteger, sa.ForeignKey("ledger.wallet.id"), nullable=False),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id")),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.create_index("ix_member_wallet_id", "member", ["wallet_id"])
    op.create_index("ix_member_person_id", "member", ["person_id"])
    op.create_table(
        "card",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("token", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("wallet_id", sa.BigInteger, sa.ForeignKey("ledger.wallet.id")),
        sa.Column("member_id", sa.BigInteger, sa.ForeignKey("member.id")),
        sa.Column("uid", sa.LargeBinary, unique=True),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("number_index", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("number_sealed", sa.LargeBinary, nullable=False),
        sa.Column("masked", sa.String(19), nullable=False),
        sa.Column("product", sa.String(20), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("block_reason", sa.String(10)),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("purchase_limit_rial", sa.BigInteger),
        sa.Column("replaced_by_id", sa.BigInteger, sa.ForeignKey("card.id")),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(sa.column("status").in_(STATUSES), name="status"),
        sa.CheckConstraint(sa.column("block_reason").in_(BLOCK_REASONS), name="block_reason"),
        sa.CheckConstraint("(status = 'blocked') = (block_reason IS NOT NULL)", name="blocked_says_why"),
        sa.CheckConstraint("(status = 'stock') = (wallet_id IS NULL)", name="stock_has_no_wallet"),
        sa.CheckConstraint("(wallet_id IS NULL) = (member_id IS NULL)", name="wallet_has_member"),
        sa.CheckConstraint("(status = 'replaced') = (replaced_by_id IS NOT NULL)", name="replaced_names_successor"),
        sa.CheckConstraint("octet_length(token) = 16", name="token_length"),
        sa.CheckConstraint("octet_length(uid) = 7", name="uid_length"),
        sa.CheckConstraint("octet_length(number_index) = 32", name="index_length"),
        sa.CheckConstraint("purchase_limit_rial >= 0", name="limit_not_negative"),
    )
    op.create_index("ix_card_wallet_id", "card", ["wallet_id"])
    op.create_index("ix_card_member_id", "card", ["member_id"])
    op.create_index("ix_card_expires_on", "card", ["expires_on"])
    op.create_table(
        "card_event",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.String(10)),
        sa.Column("became", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("why", sa.String(400)),
    )
    op.create_index("ix_card_event_card_id", "card_event", ["card_id", "id"])
    op.create_table(
        "card_challenge",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("terminal_id", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(id) = 8", name="id_length"),
    )
    op.create_index("ix_card_challenge_created_at", "card_challenge", ["created_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON member, card, card_event, card_challenge TO pilgrim_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pilgrim_app")


def downgrade() -> None:
    for table in ("card_challenge", "card_event", "card", "member"):
        op.drop_table(table)
