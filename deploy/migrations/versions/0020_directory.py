"""Shrines, gates, services, lodging and stops of a city."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_directory"
down_revision = "0019_debts"
branch_labels = None
depends_on = None


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def words(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, postgresql.JSONB, server_default=default, nullable=False)


def upgrade() -> None:
    calendars()
    hours()
    places()
    directory()


def calendars() -> None:
    op.add_column("city", sa.Column("prayer_method", sa.String(12), server_default="geophysics", nullable=False))
    op.add_column("city", words("prayer_minutes", "{}"))
    op.create_table(
        "lunar_month",
        sa.Column("year", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("month", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name="ck_lunar_month_month"),
    )
    op.create_table(
        "lunar_move",
        key(),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("month", sa.SmallInteger, nullable=False),
        sa.Column("was", sa.Date, nullable=False),
        sa.Column("became", sa.Date, nullable=False),
        instant("moved_at"),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("undoes_id", sa.BigInteger, sa.ForeignKey("lunar_move.id", name="fk_lunar_move_undoes_id_lunar_move")),
        sa.CheckConstraint("was <> became", name="ck_lunar_move_moves"),
    )
    op.create_index("ix_lunar_move_year_month", "lunar_move", ["year", "month", "id"])
    op.create_index("uq_lunar_move_undoes_id", "lunar_move", ["undoes_id"], unique=True)
    op.execute("REVOKE UPDATE, DELETE ON lunar_move FROM pilgrim_app")


def hours() -> None:
    op.create_table(
        "opening_rule",
        key(),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id", name="fk_opening_rule_city_id_city"), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("follows_moon", sa.Boolean, nullable=False),
        sa.Column("minutes", postgresql.INT4MULTIRANGE, nullable=False),
        sa.Column("covered_until", sa.Integer, nullable=False),
        sa.Column("places", sa.Integer, server_default="1", nullable=False),
        sa.UniqueConstraint("city_id", "text", name="uq_opening_rule_city_id_text"),
    )
    op.create_index("ix_opening_rule_minutes", "opening_rule", ["minutes"], postgresql_using="gist")
    op.create_index("ix_opening_rule_covered_until", "opening_rule", ["covered_until"])


def places() -> None:
    flags = ("has_women_area", "is_handicraft", "earns", "spends")
    for column in (
        sa.Column("parent_id", sa.BigInteger, sa.ForeignKey("place.id", name="fk_place_parent_id_place")),
        sa.Column("category", sa.String(24)),
        words("about", "{}"),
        sa.Column("search_text", sa.Text, server_default="", nullable=False),
        sa.Column("wheelchair", sa.String(7)),
        *(sa.Column(flag, sa.Boolean, server_default="false", nullable=False) for flag in flags),
        sa.Column("languages", sa.ARRAY(sa.String(2)), server_default="{}", nullable=False),
        sa.Column("rule_id", sa.BigInteger, sa.ForeignKey("opening_rule.id", name="fk_place_rule_id_opening_rule")),
        instant("confirmed_at", nullable=True),
        instant("closed_at", nullable=True),
    ):
        op.add_column("place", column)
    # The folding of kernel.text.search_key, for the names that stand already.
    op.execute(r"""
        UPDATE place SET search_text = lower(translate((SELECT string_agg(value, ' ') FROM jsonb_each_text(names)),
            'يىئكةۀأإٱآؤ۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩' || U&'\200C\0640\0621\064B\064C\064D\064E\064F\0650\0651\0652\0670',
            'یییکههاااا' || 'و' || '01234567890123456789'))
    """)
    op.create_check_constraint("ck_place_wheelchair", "place", "wheelchair IN ('yes', 'limited', 'no')")
    op.create_check_constraint("ck_place_parent", "place", "parent_id <> id")
    op.create_index("ix_place_parent_id", "place", ["parent_id"], postgresql_where=sa.text("parent_id IS NOT NULL"))
    op.create_index(
        "ix_place_rule_id_position", "place", ["rule_id", "position"], postgresql_using="gist", postgresql_where=sa.text("rule_id IS NOT NULL")
    )
    op.create_index("ix_place_search_text", "place", [sa.text("to_tsvector('simple', search_text)")], postgresql_using="gin")


def directory() -> None:
    op.create_table(
        "place_suggestion",
        key(),
        sa.Column("key", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id", name="fk_place_suggestion_city_id_city"), nullable=False),
        sa.Column("place_id", sa.BigInteger, sa.ForeignKey("place.id", name="fk_place_suggestion_place_id_place")),
        sa.Column("kind", sa.String(8), nullable=False),
        words("told"),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("sign_in_id", sa.BigInteger, sa.ForeignKey("sign_in.id", name="fk_place_suggestion_sign_in_id_sign_in"), nullable=False),
        instant("told_at"),
        sa.Column("answer_by", sa.Date, nullable=False),
        sa.Column("state", sa.String(8), server_default="open", nullable=False),
        sa.Column("answer", sa.String(400)),
        instant("decided_at", nullable=True),
        sa.UniqueConstraint("key", name="uq_place_suggestion_key"),
        sa.CheckConstraint("kind IN ('missing', 'wrong', 'gone')", name="ck_place_suggestion_kind"),
        sa.CheckConstraint("state IN ('open', 'accepted', 'refused')", name="ck_place_suggestion_state"),
        sa.CheckConstraint("(kind = 'missing') = (place_id IS NULL) OR state = 'accepted'", name="ck_place_suggestion_place_given"),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="ck_place_suggestion_decided"),
    )
    op.create_index("ix_place_suggestion_open", "place_suggestion", ["city_id", "id"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_place_suggestion_sign_in_id", "place_suggestion", ["sign_in_id", "id"])
    op.create_index("ix_place_suggestion_place_id", "place_suggestion", ["place_id"])
    op.create_table(
        "place_pack",
        key(),
        sa.Column("city_id", sa.BigInteger, sa.ForeignKey("city.id", name="fk_place_pack_city_id_city"), nullable=False),
        sa.Column("zone_id", sa.BigInteger, sa.ForeignKey("zone.id", name="fk_place_pack_zone_id_zone")),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("places", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        instant("made_at"),
    )
    op.create_index("uq_place_pack_city_id_zone_id", "place_pack", ["city_id", sa.text("coalesce(zone_id, 0)")], unique=True)


def downgrade() -> None:
    for table in ("place_pack", "place_suggestion"):
        op.drop_table(table)
    for column in (
        "closed_at", "confirmed_at", "rule_id", "languages", "spends", "earns", "is_handicraft", "has_women_area", "wheelchair",
        "search_text", "about", "category", "parent_id",
    ):
        op.drop_column("place", column)
    for table in ("opening_rule", "lunar_move", "lunar_month"):
        op.drop_table(table)
    for column in ("prayer_minutes", "prayer_method"):
        op.drop_column("city", column)
