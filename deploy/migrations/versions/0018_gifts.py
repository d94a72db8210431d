"""Gift cards and cards issued at the till."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018_gifts"
down_revision = "0017_instalments"
branch_labels = None
depends_on = None


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "gift_batch",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("note", sa.String(120), nullable=False),
        sa.Column("cards", sa.Integer, nullable=False),
        instant("made_at"),
        instant("exported_at", nullable=True),
        instant("withdrawn_at", nullable=True),
        sa.UniqueConstraint("key", name="uq_gift_batch_key"),
        sa.CheckConstraint("cards > 0", name="cards"),
    )
    batch = sa.ForeignKey("gift_batch.id", name="fk_card_gift_batch_id_gift_batch")
    op.add_column("card", sa.Column("gift_batch_id", sa.BigInteger, batch))
    op.create_index("ix_card_gift_batch_id", "card", ["gift_batch_id"])
    enrolments()
    cash_offers()


def enrolments() -> None:
    op.create_table(
        "till_enrolment",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("code", sa.String(6), nullable=False),
        of("terminal"),
        of("card"),
        sa.Column("key_date", sa.Date, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("content_hash", sa.BigInteger, nullable=False),
        sa.Column("identity_sealed", sa.LargeBinary),
        sa.Column("document_digest", sa.LargeBinary),
        sa.Column("state", sa.String(10), nullable=False),
        instant("begun_at"),
        instant("expires_at"),
        instant("decided_at", nullable=True),
        of("person", nullable=True),
        sa.CheckConstraint("state IN ('pending', 'confirmed', 'expired')", name="state"),
        sa.CheckConstraint("(state = 'pending') = (identity_sealed IS NOT NULL)", name="sealed_while_pending"),
        sa.CheckConstraint("(state = 'pending') = (document_digest IS NOT NULL)", name="digest_while_pending"),
        sa.CheckConstraint("(state = 'confirmed') = (person_id IS NOT NULL)", name="person_when_confirmed"),
        sa.UniqueConstraint("terminal_id", "key_date", "key", name="uq_till_enrolment_once"),
    )
    pending = sa.text("state = 'pending'")
    op.create_index("uq_till_enrolment_card_id_pending", "till_enrolment", ["card_id"], unique=True, postgresql_where=pending)
    op.create_index(
        "uq_till_enrolment_document_digest_pending", "till_enrolment", ["document_digest"], unique=True, postgresql_where=pending
    )
    op.create_index("ix_till_enrolment_terminal_id_begun_at", "till_enrolment", ["terminal_id", "begun_at"])
    op.create_index("ix_till_enrolment_expires_at_pending", "till_enrolment", ["expires_at"], postgresql_where=pending)


def cash_offers() -> None:
    op.create_table(
        "cash_offer",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("merchant_id", sa.BigInteger, sa.ForeignKey("merchant.id", name="fk_cash_offer_merchant_id_merchant"), nullable=False),
        sa.Column("limit_rial", sa.BigInteger),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("contract_id", sa.BigInteger, sa.ForeignKey("contract.id", name="fk_cash_offer_contract_id_contract")),
        sa.Column("offered_by", sa.BigInteger, nullable=False),
        instant("offered_at"),
        sa.Column("answered_by", sa.BigInteger),
        instant("answered_at", nullable=True),
        sa.CheckConstraint("state IN ('offered', 'signed', 'refused', 'withdrawn')", name="state"),
        sa.CheckConstraint("limit_rial > 0", name="limit_rial"),
        sa.CheckConstraint("(state = 'signed') = (contract_id IS NOT NULL)", name="signed_in_a_contract"),
        sa.CheckConstraint("(state = 'offered') = (answered_at IS NULL)", name="answered"),
        sa.CheckConstraint("state <> 'signed' OR answered_by <> offered_by", name="two_sides"),
    )
    op.create_index("ix_cash_offer_merchant_id", "cash_offer", ["merchant_id", "id"])
    is_open = sa.text("state = 'offered'")
    op.create_index("uq_cash_offer_open", "cash_offer", ["merchant_id"], unique=True, postgresql_where=is_open)


def of(table: str, *, nullable: bool = False) -> sa.Column:
    constraint = sa.ForeignKey(f"{table}.id", name=f"fk_till_enrolment_{table}_id_{table}")
    return sa.Column(f"{table}_id", sa.BigInteger, constraint, nullable=nullable)


def downgrade() -> None:
    op.drop_table("cash_offer")
    op.drop_table("till_enrolment")
    op.drop_index("ix_card_gift_batch_id", "card")
    op.drop_column("card", "gift_batch_id")
    op.drop_table("gift_batch")
