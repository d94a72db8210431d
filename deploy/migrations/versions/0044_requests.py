"""A first card asked for, and papers shown, by the API."""

import sqlalchemy as sa
from alembic import op

revision = "0044_requests"
down_revision = "0043_full_houses"
branch_labels = None
depends_on = None


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    first_cards()
    claims()
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pilgrim_app")


def first_cards() -> None:
    op.create_table(
        "first_card_wish",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id"), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        instant("asked_at"),
        instant("ready_at", nullable=True),
        sa.Column("desk", sa.String(80)),
        instant("decided_at", nullable=True),
        sa.Column("why", sa.String(200)),
        sa.Column("card_id", sa.BigInteger, sa.ForeignKey("card.id")),
        sa.CheckConstraint("state IN ('asked', 'ready', 'done', 'refused', 'withdrawn')", name="state"),
        sa.CheckConstraint("(state IN ('asked', 'ready')) = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("(state = 'done') = (card_id IS NOT NULL)", name="done_names_the_card"),
        sa.CheckConstraint("(state = 'refused') = (why IS NOT NULL)", name="refused_says_why"),
        sa.CheckConstraint("(ready_at IS NULL) = (desk IS NULL)", name="ready_names_the_desk"),
        sa.CheckConstraint("state <> 'ready' OR ready_at IS NOT NULL", name="ready"),
    )
    is_open = sa.text("state IN ('asked', 'ready')")
    op.create_index("uq_first_card_wish_person_id_open", "first_card_wish", ["person_id"], unique=True, postgresql_where=is_open)
    op.create_index("ix_first_card_wish_id_open", "first_card_wish", ["id"], postgresql_where=is_open)
    op.create_index("ix_first_card_wish_city_id_open", "first_card_wish", ["city_id", "id"], postgresql_where=is_open)
    op.create_index("ix_first_card_wish_person_id", "first_card_wish", ["person_id", "id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON first_card_wish TO pilgrim_app")


def claims() -> None:
    op.add_column("document", sa.Column("expires_on", sa.Date))
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        instant("asked_at"),
        instant("decided_at", nullable=True),
        sa.Column("decided_by", sa.BigInteger, sa.ForeignKey("person.id")),
        sa.Column("why", sa.String(200)),
        sa.CheckConstraint("kind IN ('passport', 'national_id', 'foreign_code', 'names', 'birth_date')", name="kind"),
        sa.CheckConstraint("state IN ('asked', 'confirmed', 'refused', 'withdrawn')", name="state"),
        sa.CheckConstraint("(state = 'asked') = (sealed IS NOT NULL)", name="forgotten_when_decided"),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("(state = 'refused') = (why IS NOT NULL)", name="refused_says_why"),
    )
    asked = sa.text("state = 'asked'")
    op.create_index("uq_claim_person_id_kind_asked", "claim", ["person_id", "kind"], unique=True, postgresql_where=asked)
    op.create_index("ix_claim_id_asked", "claim", ["id"], postgresql_where=asked)
    op.create_index("ix_claim_person_id", "claim", ["person_id", "id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON claim TO pilgrim_app")


def downgrade() -> None:
    op.drop_table("claim")
    op.drop_column("document", "expires_on")
    op.drop_table("first_card_wish")
