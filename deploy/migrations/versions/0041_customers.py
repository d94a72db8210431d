"""What an office knows of a customer, and letters by e-mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041_customers"
down_revision = "0040_trades"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("email", sa.String(120)))
    op.add_column("person", sa.Column("letters_by", sa.String(5), server_default="sms", nullable=False))
    op.create_check_constraint("ck_person_letters_by", "person", "letters_by IN ('sms', 'email')")
    op.create_check_constraint("ck_person_letters_reach", "person", "letters_by <> 'email' OR email IS NOT NULL")
    op.create_table(
        "email_code",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("email_digest", sa.LargeBinary, nullable=False),
        sa.Column("email_sealed", sa.LargeBinary),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usable_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_email_code_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_email_code"),
    )
    op.create_index("ix_email_code_person_id_created_at", "email_code", ["person_id", "created_at"])
    op.create_index("ix_email_code_email_digest_created_at", "email_code", ["email_digest", "created_at"])
    op.create_index("ix_person_email", "person", ["email"])
    op.add_column("letter", sa.Column("channel", sa.String(6), server_default="sms", nullable=False))
    op.add_column("letter", sa.Column("subjects", JSONB, server_default="{}", nullable=False))
    op.add_column("letter", sa.Column("mails", sa.Integer, server_default="0", nullable=False))
    op.create_check_constraint("ck_letter_channel", "letter", "channel IN ('sms', 'email', 'chosen')")
    op.add_column("customer_text", sa.Column("person_id", sa.BigInteger))
    op.add_column("customer_text", sa.Column("words_sealed", sa.LargeBinary))
    op.create_foreign_key("fk_customer_text_person_id_person", "customer_text", "person", ["person_id"], ["id"])
    op.create_check_constraint("ck_customer_text_words_of_no_command", "customer_text", "words_sealed IS NULL OR command = 'unknown'")
    op.create_index("ix_customer_text_words", "customer_text", ["id"], postgresql_where=sa.text("words_sealed IS NOT NULL"))
    op.create_index("ix_customer_text_person_id", "customer_text", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL"))
    op.alter_column("payout_file", "content", nullable=True)
    op.create_index("ix_leaving_account_kept", "leaving", ["answered_at"], postgresql_where=sa.text("sheba IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_leaving_account_kept", "leaving")
    op.execute("DELETE FROM payout_file WHERE content IS NULL")
    op.alter_column("payout_file", "content", nullable=False)
    for name in ("words_sealed", "person_id"):
        op.drop_column("customer_text", name)
    for name in ("mails", "subjects", "channel"):
        op.drop_column("letter", name)
    op.drop_table("email_code")
    for name in ("letters_by", "email"):
        op.drop_column("person", name)
