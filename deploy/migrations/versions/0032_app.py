"""Signing in by a document and a desk's code; pilgrims who say before the journey that they come."""

import sqlalchemy as sa
from alembic import op

revision = "0032_app"
down_revision = "0031_programmes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_code",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usable_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_desk_code"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_desk_code_person_id_person"),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index("uq_desk_code_person_id_live", "desk_code", ["person_id"], unique=True, postgresql_where=live)
    op.create_table(
        "coming",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("arrives_on", sa.Date, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("document_digest", sa.LargeBinary),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_coming"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_coming_person_id_person"),
        sa.UniqueConstraint("code", name="uq_coming_code"),
        sa.CheckConstraint("(sealed IS NULL) = (document_digest IS NULL)", name="ck_coming_sealed_with_digest"),
        sa.CheckConstraint("person_id IS NULL OR sealed IS NULL", name="ck_coming_forgotten_when_received"),
    )
    kept = sa.text("document_digest IS NOT NULL")
    op.create_index("ix_coming_document_digest", "coming", ["document_digest"], postgresql_where=kept)
    op.create_index("ix_coming_arrives_on", "coming", ["arrives_on"])


def downgrade() -> None:
    op.drop_table("coming")
    op.drop_table("desk_code")
