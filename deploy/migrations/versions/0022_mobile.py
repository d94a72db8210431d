"""Sign-ins and requests of the pilgrim's API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    op.create_table(
        "phone_code",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("mobile_digest", sa.LargeBinary, nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usable_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_phone_code"),
        sa.UniqueConstraint("token_hash", name="uq_phone_code_token_hash"),
    )
    op.create_index("ix_phone_code_mobile_digest_created_at", "phone_code", ["mobile_digest", "created_at"])
    _create_helping()


def _create_helping() -> None:
    op.create_table(
        "help_code",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("may", postgresql.JSONB, nullable=False),
        sa.Column("usable_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_help_code_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_help_code"),
        sa.UniqueConstraint("code_digest", name="uq_help_code_code_digest"),
    )
    op.create_table(
        "helping",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("helper_id", sa.BigInteger, nullable=False),
        sa.Column("may", postgresql.JSONB, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("person_id <> helper_id", name="ck_helping_two_people"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_helping_person_id_person"),
        sa.ForeignKeyConstraint(["helper_id"], ["person.id"], name="fk_helping_helper_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_helping"),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index("uq_helping_live", "helping", ["person_id", "helper_id"], unique=True, postgresql_where=live)
    op.create_index("ix_helping_helper_id", "helping", ["helper_id"])


def downgrade() -> None:
    op.drop_table("helping")
    op.drop_table("help_code")
    op.drop_table("phone_code")
    op.drop_table("kept_answer")
