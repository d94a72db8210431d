"""One-time codes and sessions of staff; invitations into an organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0014_staff_security"
down_revision = "0013_web_till"
branch_labels = None
depends_on = None


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of_sign_in(table: str, **options: object) -> sa.Column:
    constraint = sa.ForeignKey("sign_in.id", name=f"fk_{table}_sign_in_id_sign_in")
    return sa.Column("sign_in_id", sa.BigInteger, constraint, nullable=False, **options)


def upgrade() -> None:
    op.create_table(
        "authenticator",
        of_sign_in("authenticator", primary_key=True, autoincrement=False),
        sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
        instant("created_at"),
        instant("confirmed_at", nullable=True),
        sa.Column("last_step", sa.BigInteger, server_default="0", nullable=False),
    )
    op.create_table(
        "recovery_code",
        key(),
        of_sign_in("recovery_code"),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        instant("used_at", nullable=True),
        sa.UniqueConstraint("code_digest", name="uq_recovery_code_code_digest"),
    )
    op.create_index("ix_recovery_code_sign_in_id", "recovery_code", ["sign_in_id"])
    op.create_table(
        "half_sign_in",
        key(),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        of_sign_in("half_sign_in"),
        instant("usable_until"),
        instant("used_at", nullable=True),
        sa.UniqueConstraint("token_hash", name="uq_half_sign_in_token_hash"),
    )
    op.create_table("security_notice", key(), of_sign_in("security_notice"), sa.Column("kind", sa.String(24), nullable=False), instant("at"))
    op.create_index("ix_security_notice_sign_in_id_at", "security_notice", ["sign_in_id", "at"])
    op.add_column("web_session", sa.Column("device", sa.String(40), server_default="", nullable=False))
    invitations()


def invitations() -> None:
    op.alter_column("invitation", "person_id", nullable=True)
    op.add_column(
        "invitation",
        sa.Column("organisation_id", sa.BigInteger, sa.ForeignKey("organisation.id", name="fk_invitation_organisation_id_organisation")),
    )
    op.add_column("invitation", sa.Column("role", sa.String(16)))
    op.add_column("invitation", sa.Column("branch_id", sa.BigInteger))
    op.add_column("invitation", sa.Column("name", sa.String(80)))
    op.add_column("invitation", sa.Column("contact", sa.String(120)))
    op.create_check_constraint("ck_invitation_one_purpose", "invitation", "(person_id IS NULL) <> (organisation_id IS NULL)")
    op.create_check_constraint("ck_invitation_role_given", "invitation", "(organisation_id IS NULL) = (role IS NULL)")
    op.create_index("ix_invitation_organisation_id", "invitation", ["organisation_id"])


def downgrade() -> None:
    op.execute("DELETE FROM invitation WHERE person_id IS NULL")
    op.drop_index("ix_invitation_organisation_id", "invitation")
    op.drop_constraint("ck_invitation_role_given", "invitation", type_="check")
    op.drop_constraint("ck_invitation_one_purpose", "invitation", type_="check")
    for column in ("contact", "name", "branch_id", "role", "organisation_id"):
        op.drop_column("invitation", column)
    op.alter_column("invitation", "person_id", nullable=False)
    op.drop_column("web_session", "device")
    for table in ("security_notice", "half_sign_in", "recovery_code", "authenticator"):
        op.drop_table(table)
