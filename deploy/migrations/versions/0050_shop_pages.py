"""Shop pages that say when they were written, what is known of places' past, and fields of a shop's own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

revision = "0050_shop_pages"
down_revision = "0049_flows"
branch_labels = None
depends_on = None

# What is known of earlier edits: the audit, photos, and corrections that were accepted.
BACKFILL = """
INSERT INTO place_page (place_id, told_at)
SELECT place.id, max(edit.at) FROM place JOIN (
    SELECT subject_id::bigint AS place_id, at FROM audit_entry
        WHERE subject = 'place' AND act IN ('register', 'keep', 'set hours') AND subject_id ~ '^[0-9]{1,18}$'
    UNION ALL SELECT place_id, added_at FROM place_photo
    UNION ALL SELECT place_id, decided_at FROM place_suggestion WHERE state = 'accepted'
) edit ON edit.place_id = place.id GROUP BY place.id;
INSERT INTO place_page (place_id, priced_at)
SELECT branch.place_id, max(edit.at)
FROM audit_entry edit JOIN product ON product.id = edit.subject_id::bigint JOIN branch ON branch.merchant_id = product.merchant_id
WHERE edit.subject = 'price' AND edit.subject_id ~ '^[0-9]{1,18}$'
    AND coalesce(edit.after->>'branch_id', edit.before->>'branch_id', branch.id::text) = branch.id::text
GROUP BY branch.place_id
ON CONFLICT (place_id) DO UPDATE SET priced_at = excluded.priced_at;
"""


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    op.create_table(
        "place_page",
        sa.Column("place_id", sa.BigInteger, nullable=False),
        _instant("told_at"),
        _instant("priced_at"),
        _instant("updating_since"),
        _instant("updating_until"),
        sa.Column("updating_by", sa.String(12)),
        sa.Column("updating_note", JSONB, nullable=False, server_default="{}"),
        sa.CheckConstraint("updating_by IN ('shop', 'union', 'municipality')", name="ck_place_page_updating_by"),
        sa.CheckConstraint("num_nonnulls(updating_since, updating_until, updating_by) IN (0, 3)", name="ck_place_page_updating"),
        _to("place_page", "place_id", "place"),
        sa.PrimaryKeyConstraint("place_id", name="pk_place_page"),
    )
    op.execute(BACKFILL)
    op.create_table(
        "place_statement",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", UUID(as_uuid=False), nullable=False),
        sa.Column("place_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("calendar", sa.String(9)),
        sa.Column("year_ce", sa.Integer),
        sa.Column("is_about", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(40), nullable=False),
        sa.Column("origin", sa.String(6), nullable=False),
        sa.Column("is_corrected", sa.Boolean, nullable=False, server_default="false"),
        _instant("written_at", nullable=False),
        _instant("removed_at"),
        sa.CheckConstraint("kind IN ('founded', 'rebuilt', 'former_name', 'makers', 'event')", name="ck_place_statement_kind"),
        sa.CheckConstraint("calendar IN ('solar', 'lunar', 'gregorian')", name="ck_place_statement_calendar"),
        sa.CheckConstraint("num_nonnulls(year, calendar, year_ce) IN (0, 3)", name="ck_place_statement_dated"),
        sa.CheckConstraint("origin IN ('office', 'told', 'file')", name="ck_place_statement_origin"),
        _to("place_statement", "place_id", "place"),
        sa.PrimaryKeyConstraint("id", name="pk_place_statement"),
        sa.UniqueConstraint("key", name="uq_place_statement_key"),
    )
    op.create_index("ix_place_statement_place_id", "place_statement", ["place_id", "year_ce"], postgresql_where=sa.text("removed_at IS NULL"))
    op.create_index(
        "uq_place_statement_of_file", "place_statement", ["place_id", "kind"], unique=True, postgresql_where=sa.text("origin = 'file'")
    )
    op.create_index("ix_place_city_id_kind", "place", ["city_id", "kind", "id"])
    op.create_index("ix_place_city_id_category", "place", ["city_id", "category", "id"], postgresql_where=sa.text("category IS NOT NULL"))
    op.create_index("ix_place_handicraft", "place", ["city_id", "id"], postgresql_where=sa.text("is_handicraft"))
    op.drop_index("ix_place_zone_id", "place")
    op.create_index("ix_place_zone_id", "place", ["zone_id", "id"])
    op.create_table(
        "shop_field",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("subject", sa.String(7), nullable=False),
        sa.Column("names", JSONB, nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("choices", ARRAY(sa.String(40)), nullable=False, server_default="{}"),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.Column("is_on_label", sa.Boolean, nullable=False, server_default="false"),
        _instant("added_at", nullable=False),
        _instant("ended_at"),
        sa.CheckConstraint("subject IN ('product', 'page')", name="ck_shop_field_subject"),
        sa.CheckConstraint("kind IN ('text', 'number', 'date', 'choice', 'yes_no')", name="ck_shop_field_kind"),
        sa.CheckConstraint("(kind = 'choice') = (choices <> '{}')", name="ck_shop_field_choices"),
        _to("shop_field", "merchant_id", "merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_shop_field"),
    )
    op.create_index("ix_shop_field_merchant_id", "shop_field", ["merchant_id", "id"])
    op.add_column("product", sa.Column("fields", JSONB, nullable=False, server_default="{}"))
    op.create_table(
        "branch_field",
        sa.Column("branch_id", sa.BigInteger, nullable=False),
        sa.Column("fields", JSONB, nullable=False),
        _to("branch_field", "branch_id", "branch"),
        sa.PrimaryKeyConstraint("branch_id", name="pk_branch_field"),
    )
    op.create_table(
        "card_figure",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("key", sa.String(80)),
        sa.Column("product", sa.String(20), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("cards", sa.Integer, nullable=False),
        sa.Column("holders", sa.Integer, nullable=False),
        sa.CheckConstraint("way IN ('all', 'branch', 'operator')", name="ck_card_figure_way"),
        sa.PrimaryKeyConstraint("id", name="pk_card_figure"),
        sa.UniqueConstraint("way", "day", "key", "product", "status", name="uq_card_figure_alike", postgresql_nulls_not_distinct=True),
    )
    op.create_index("ix_card_figure_day", "card_figure", ["day"])
    op.create_table(
        "card_day", sa.Column("day", sa.Date, nullable=False), _instant("counted_at", nullable=False), sa.PrimaryKeyConstraint("day", name="pk_card_day")
    )
    op.create_index("ix_card_day_counted_at", "card_day", ["counted_at"])
    op.create_index("ix_card_event_at", "card_event", ["at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_card_event_at", "card_event")
    for table in ("card_day", "card_figure", "branch_field"):
        op.drop_table(table)
    op.drop_column("product", "fields")
    op.drop_table("shop_field")
    op.drop_index("ix_place_zone_id", "place")
    op.create_index("ix_place_zone_id", "place", ["zone_id"])
    for index in ("ix_place_handicraft", "ix_place_city_id_category", "ix_place_city_id_kind"):
        op.drop_index(index, "place")
    op.drop_table("place_statement")
    op.drop_table("place_page")
