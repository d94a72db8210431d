"""Groups of customers, whose messages a person agreed to, and letters to many."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033_groups"
down_revision = "0032_app"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "message_consent",
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        _instant("since"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_message_consent_person_id_person"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_message_consent_organisation_id_organisation"),
        sa.PrimaryKeyConstraint("person_id", "organisation_id", name="pk_message_consent"),
    )
    op.create_index("ix_message_consent_organisation_id", "message_consent", ["organisation_id"])
    op.create_table(
        "customer_group",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("asked", JSONB),
        _instant("made_at"),
        _instant("removed_at", nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_customer_group_organisation_id_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_group"),
    )
    live = sa.text("removed_at IS NULL")
    op.create_index("uq_customer_group_name", "customer_group", ["organisation_id", "name"], unique=True, postgresql_where=live)
    op.create_table(
        "group_member",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("group_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("called", sa.String(80), nullable=False),
        sa.Column("shown", sa.String(20), nullable=False),
        sa.Column("number_digest", sa.LargeBinary, nullable=False),
        sa.Column("number_sealed", sa.LargeBinary),
        _instant("added_at"),
        sa.CheckConstraint("(person_id IS NULL) = (number_sealed IS NOT NULL)", name="ck_group_member_number_kept"),
        sa.ForeignKeyConstraint(["group_id"], ["customer_group.id"], name="fk_group_member_group_id_customer_group"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_group_member_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_group_member"),
        sa.UniqueConstraint("group_id", "number_digest", name="uq_group_member_group_id_number_digest"),
    )
    op.create_index("ix_group_member_person_id", "group_member", ["person_id"])
    op.create_table(
        "group_list",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("group_id", sa.BigInteger, nullable=False),
        sa.Column("sign_in_id", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("rows_sealed", sa.LargeBinary),
        _instant("begun_at"),
        _instant("finished_at", nullable=True),
        sa.CheckConstraint("(finished_at IS NULL) = (rows_sealed IS NOT NULL)", name="ck_group_list_rows_kept"),
        sa.ForeignKeyConstraint(["group_id"], ["customer_group.id"], name="fk_group_list_group_id_customer_group"),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_in.id"], name="fk_group_list_sign_in_id_sign_in"),
        sa.PrimaryKeyConstraint("id", name="pk_group_list"),
    )
    op.create_index("ix_group_list_group_id", "group_list", ["group_id"])
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("group_id", sa.BigInteger),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("written_by", sa.BigInteger, nullable=False),
        _instant("written_at"),
        _instant("send_at"),
        sa.Column("decided_by", sa.BigInteger),
        _instant("decided_at", nullable=True),
        _instant("ended_at", nullable=True),
        sa.CheckConstraint("purpose IN ('service', 'offer')", name="ck_letter_purpose"),
        sa.CheckConstraint("state IN ('proposed', 'scheduled', 'sending', 'done', 'stopped', 'refused')", name="ck_letter_state"),
        sa.CheckConstraint("decided_by <> written_by", name="ck_letter_two_people"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_letter_organisation_id_organisation"),
        sa.ForeignKeyConstraint(["group_id"], ["customer_group.id"], name="fk_letter_group_id_customer_group"),
        sa.ForeignKeyConstraint(["written_by"], ["sign_in.id"], name="fk_letter_written_by_sign_in"),
        sa.ForeignKeyConstraint(["decided_by"], ["sign_in.id"], name="fk_letter_decided_by_sign_in"),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint("key", name="uq_letter_key"),
    )
    op.create_index("ix_letter_organisation_id", "letter", ["organisation_id", "id"])
    due = sa.text("state IN ('scheduled', 'sending')")
    op.create_index("ix_letter_due", "letter", ["send_at"], postgresql_where=due)
    op.create_table(
        "letter_recipient",
        sa.Column("letter_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), server_default="due", nullable=False),
        sa.CheckConstraint("state IN ('due', 'written', 'left_out', 'stopped')", name="ck_letter_recipient_state"),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_letter_recipient_letter_id_letter"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_letter_recipient_person_id_person"),
        sa.PrimaryKeyConstraint("letter_id", "person_id", name="pk_letter_recipient"),
    )
    waiting = sa.text("state = 'due'")
    op.create_index("ix_letter_recipient_due", "letter_recipient", ["letter_id", "person_id"], postgresql_where=waiting)


def downgrade() -> None:
    for table in ("letter_recipient", "letter", "group_list", "group_member", "customer_group", "message_consent"):
        op.drop_table(table)
