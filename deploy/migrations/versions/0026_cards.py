"""New cards in place of old ones, kinds of card, limits of issuing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_cards"
down_revision = "0025_terminal_set_up"
branch_labels = None
depends_on = None


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    replacements()
    kinds()
    issuing()
    pins()
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pilgrim_app")


def replacements() -> None:
    op.create_table(
        "card_replacement",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id"), nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        instant("asked_at"),
        instant("decided_at", nullable=True),
        sa.Column("new_card_id", sa.BigInteger, sa.ForeignKey("card.id")),
        sa.CheckConstraint("why IN ('lost', 'stolen', 'damaged', 'expired')", name="why"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'withdrawn')", name="state"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("(state = 'done') = (new_card_id IS NOT NULL)", name="done_names_the_card"),
    )
    op.create_index(
        "uq_card_replacement_waiting", "card_replacement", ["card_id"], unique=True, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index(
        "ix_card_replacement_city_id_waiting", "card_replacement", ["city_id", "id"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON card_replacement TO pilgrim_app")
    op.execute("CREATE INDEX ix_card_masked_end ON card (right(masked, 4))")


def kinds() -> None:
    op.create_table(
        "card_kind",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("names", postgresql.JSONB, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("valid_months", sa.SmallInteger, nullable=False),
        sa.Column("technology", sa.String(8), nullable=False),
        sa.Column("allows_anonymous", sa.Boolean, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("most_per_person", sa.SmallInteger),
        sa.Column("purchase_limit_rial", sa.BigInteger),
        sa.Column("thickness_um", sa.Integer),
        sa.Column("art", sa.String(120)),
        sa.Column("made_by", sa.String(80), nullable=False),
        instant("made_at"),
        sa.UniqueConstraint("code", "version", name="uq_card_kind_version"),
        sa.CheckConstraint("technology IN ('chip', 'barcode', 'qr', 'magnetic')", name="technology"),
        sa.CheckConstraint("valid_months BETWEEN 1 AND 120", name="valid_months"),
        sa.CheckConstraint("most_per_person > 0", name="most_per_person"),
        sa.CheckConstraint("purchase_limit_rial > 0", name="purchase_limit_rial"),
        sa.CheckConstraint("thickness_um > 0", name="thickness_um"),
    )
    # A version is never edited: cards were issued under it.
    op.execute("GRANT SELECT, INSERT ON card_kind TO pilgrim_app")
    op.execute("""
        INSERT INTO card_kind (code, version, names, starts_on, valid_months, technology, allows_anonymous, is_open, thickness_um, made_by, made_at)
        VALUES ('standard', 1, '{"fa": "کارت زائر", "en": "Pilgrim card"}', '2020-01-01', 60, 'chip', true, true, 760, 'migration', now()),
               ('gift', 1, '{"fa": "کارت هدیه", "en": "Gift card"}', '2020-01-01', 60, 'barcode', true, true, 760, 'migration', now())
    """)
    op.add_column("card", sa.Column("kind_id", sa.BigInteger, sa.ForeignKey("card_kind.id", name="fk_card_kind_id_card_kind")))
    op.execute("UPDATE card SET kind_id = card_kind.id FROM card_kind WHERE card_kind.code = card.product AND card.status <> 'stock'")


def issuing() -> None:
    op.create_table(
        "issuing_limit",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("subject", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(20)),
        sa.Column("period", sa.String(5), nullable=False),
        sa.Column("most", sa.Integer, nullable=False),
        instant("starts_at"),
        instant("ends_at", nullable=True),
        sa.Column("set_by", sa.String(80), nullable=False),
        sa.CheckConstraint("subject IN ('person', 'branch', 'operator', 'network')", name="subject"),
        sa.CheckConstraint("period IN ('day', 'month', 'ever')", name="period"),
        sa.CheckConstraint("period <> 'ever' OR subject = 'person'", name="ever_is_of_persons"),
        sa.CheckConstraint("most > 0", name="most"),
    )
    op.create_index(
        "uq_issuing_limit_in_force", "issuing_limit", ["subject", "kind", "period"], unique=True, postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("ends_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "issuing_exception",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.BigInteger, sa.ForeignKey("person.id"), nullable=False),
        instant("asked_at"),
        sa.Column("answered_by", sa.BigInteger, sa.ForeignKey("person.id")),
        instant("usable_until", nullable=True),
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id")),
        sa.CheckConstraint("state IN ('asked', 'allowed', 'refused', 'used')", name="state"),
        sa.CheckConstraint("(state = 'asked') = (answered_by IS NULL)", name="answered"),
        sa.CheckConstraint("answered_by <> asked_by", name="two_persons"),
        sa.CheckConstraint("(state = 'used') = (card_id IS NOT NULL)", name="used_by_a_card"),
    )
    op.create_index(
        "uq_issuing_exception_asked", "issuing_exception", ["person_id", "kind"], unique=True, postgresql_where=sa.text("state = 'asked'")
    )
    op.create_index("ix_issuing_exception_person_id", "issuing_exception", ["person_id", "id"])
    op.create_table(
        "card_issue",
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id"), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id")),
        sa.Column("branch_id", sa.BigInteger),
        sa.Column("account_id", sa.BigInteger),
        instant("at"),
    )
    op.create_index("ix_card_issue_at", "card_issue", ["at"])
    for column in ("person_id", "branch_id", "account_id"):
        op.create_index(f"ix_card_issue_{column}", "card_issue", [column, "at"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON issuing_limit, issuing_exception TO pilgrim_app")
    op.execute("GRANT SELECT, INSERT ON card_issue TO pilgrim_app")


def pins() -> None:
    op.create_table(
        "card_pin",
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id"), primary_key=True, autoincrement=False),
        sa.Column("pin_hash", sa.String(200), nullable=False),
        sa.Column("tries", sa.SmallInteger, server_default="0", nullable=False),
        instant("set_at"),
        sa.CheckConstraint("tries >= 0", name="tries"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON card_pin TO pilgrim_app")


def downgrade() -> None:
    op.drop_table("card_pin")
    for table in ("card_issue", "issuing_exception", "issuing_limit"):
        op.drop_table(table)
    op.drop_column("card", "kind_id")
    op.drop_table("card_kind")
    op.execute("DROP INDEX ix_card_masked_end")
    op.drop_table("card_replacement")
