"""Programmes and their dated earn rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_loyalty"
down_revision = "0005_cards"
branch_labels = None
depends_on = None

RULES_ARE_NEVER_EDITED = """
CREATE FUNCTION earn_rule_is_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ends_at IS NOT NULL OR to_jsonb(NEW) - 'ends_at' IS DISTINCT FROM to_jsonb(OLD) - 'ends_at' THEN
        RAISE EXCEPTION 'an earn rule is never edited: end it and begin another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER earn_rule_is_never_edited BEFORE UPDATE ON earn_rule
    FOR EACH ROW EXECUTE FUNCTION earn_rule_is_never_edited();
"""


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("objective", sa.String(8), nullable=False),
        sa.Column("funder_id", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(10), server_default="active", nullable=False),
        sa.UniqueConstraint("code", name="uq_programme_code"),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="ck_programme_status"),
        sa.CheckConstraint("objective IN ('acquire', 'retain')", name="ck_programme_objective"),
    )
    op.create_table(
        "earn_rule",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "programme_id", sa.BigInteger, sa.ForeignKey("programme.id", name="fk_earn_rule_programme_id_programme"), nullable=False
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("fixed_rial", sa.BigInteger, nullable=False),
        sa.Column("most_rial", sa.BigInteger, nullable=False),
        sa.Column("minimum_rial", sa.BigInteger, nullable=False),
        sa.Column("usable_after_days", sa.Integer, nullable=False),
        sa.Column("valid_days", sa.Integer, nullable=False),
        sa.Column("sentence", postgresql.JSONB, nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="ck_earn_rule_basis_points"),
        sa.CheckConstraint("fixed_rial >= 0 AND minimum_rial >= 0 AND most_rial > 0", name="ck_earn_rule_amounts"),
        sa.CheckConstraint("basis_points > 0 OR fixed_rial > 0", name="ck_earn_rule_gives_something"),
        sa.CheckConstraint("usable_after_days >= 0 AND valid_days > 0", name="ck_earn_rule_days"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ck_earn_rule_period"),
    )
    op.create_index("ix_earn_rule_programme_id", "earn_rule", ["programme_id"])
    op.execute(RULES_ARE_NEVER_EDITED)


def downgrade() -> None:
    op.drop_table("earn_rule")
    op.drop_table("programme")
    op.execute("DROP FUNCTION earn_rule_is_never_edited()")
