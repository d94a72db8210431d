"""Products, prices, stock and tags."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_catalogue"
down_revision = "0011_batches"
branch_labels = None
depends_on = None

TABLES = (
    "product_group", "trade_group", "ceiling", "product", "price", "product_import", "shop_setting", "stock_level",
    "stock_movement", "delivery", "delivery_line", "stock_count", "stock_count_line", "tag_reader", "tag", "tag_sweep",
    "tag_sweep_read", "tag_event",
)  # fmt: skip


def key() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def instant(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=sa.func.now() if now else None)


def reference(name: str, table: str, target: str, *, nullable: bool = False, **options: object) -> sa.Column:
    constraint = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{name}_{target}")
    return sa.Column(name, sa.BigInteger, constraint, nullable=nullable, **options)


def words(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, postgresql.JSONB, server_default=default, nullable=False)


def amount(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.BigInteger, server_default=default, nullable=nullable)


def act_key(*options: object) -> sa.Column:
    return sa.Column("key", postgresql.UUID(as_uuid=False), *options, nullable=False)


def one_at_a_time(name: str, *owners: str) -> postgresql.ExcludeConstraint:
    parts = [(sa.text(owner), "=") for owner in owners]
    return postgresql.ExcludeConstraint(*parts, (sa.text("tstzrange(starts_at, ends_at)"), "&&"), name=name, using="gist")


def upgrade() -> None:
    catalogue()
    stock()
    tags()
    # The journal is written and never changed; prices and ceilings get an end and nothing else.
    op.execute("REVOKE UPDATE, DELETE ON stock_movement, price, ceiling FROM pilgrim_app")
    op.execute("GRANT UPDATE (ends_at) ON price, ceiling TO pilgrim_app")


def catalogue() -> None:
    op.create_table(
        "product_group",
        key(),
        reference("merchant_id", "product_group", "merchant"),
        reference("parent_id", "product_group", "product_group", nullable=True),
        sa.Column("path", sa.ARRAY(sa.BigInteger), nullable=False),
        words("names"),
    )
    op.create_index("ix_product_group_merchant_id", "product_group", ["merchant_id"])
    op.create_table(
        "trade_group",
        key(),
        reference("union_id", "trade_group", "organisation"),
        words("names"),
        sa.Column("unit", sa.String(10), nullable=False),
    )
    op.create_index("ix_trade_group_union_id", "trade_group", ["union_id"])
    op.create_table(
        "ceiling",
        key(),
        reference("trade_group_id", "ceiling", "trade_group"),
        amount("amount_rial"),
        instant("starts_at"),
        instant("ends_at", nullable=True),
        one_at_a_time("ex_ceiling_one_at_a_time", "trade_group_id"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ck_ceiling_period"),
        sa.CheckConstraint("amount_rial > 0", name="ck_ceiling_amount_rial"),
    )
    op.create_table(
        "product",
        key(),
        reference("merchant_id", "product", "merchant"),
        reference("group_id", "product", "product_group", nullable=True),
        reference("trade_group_id", "product", "trade_group", nullable=True),
        words("names"),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("code_kind", sa.String(6), nullable=False),
        sa.Column("code_key", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("points", sa.Integer, server_default="0", nullable=False),
        words("marks", "[]"),
        words("attributes", "{}"),
        sa.Column("is_stocked", sa.Boolean, server_default="true", nullable=False),
        sa.Column("search_text", sa.String(400), nullable=False),
        instant("created_at", now=True),
        instant("retired_at", nullable=True),
        sa.CheckConstraint("code_kind IN ('ean13', 'ean8', 'upca', 'own')", name="ck_product_code_kind"),
        sa.CheckConstraint("""marks <@ '["iranian", "handicraft", "cultural"]'""", name="ck_product_marks"),
        sa.CheckConstraint("points >= 0", name="ck_product_points"),
    )
    op.create_index(
        "uq_product_merchant_id_code_key", "product", ["merchant_id", "code_key"], unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index("ix_product_merchant_id_search_text", "product", ["merchant_id", "search_text", "id"])
    op.create_index("ix_product_trade_group_id", "product", ["trade_group_id"])
    op.create_index("ix_product_group_id", "product", ["group_id"])
    op.create_table(
        "price",
        key(),
        reference("product_id", "price", "product"),
        reference("branch_id", "price", "branch", nullable=True),
        amount("list_rial"),
        amount("card_rial"),
        instant("starts_at"),
        instant("ends_at", nullable=True),
        amount("sign_in_id", nullable=True),
        one_at_a_time("ex_price_one_at_a_time", "product_id", "coalesce(branch_id, 0)"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ck_price_period"),
        sa.CheckConstraint("card_rial > 0 AND card_rial <= list_rial", name="ck_price_card_price_below_list"),
    )
    op.create_index("ix_price_product_id_starts_at", "price", ["product_id", "starts_at"])
    op.create_table(
        "product_import",
        key(),
        reference("merchant_id", "product_import", "merchant"),
        reference("sign_in_id", "product_import", "sign_in"),
        words("rows"),
        instant("created_at", now=True),
        instant("finished_at", nullable=True),
    )
    op.create_index("ix_product_import_merchant_id", "product_import", ["merchant_id"])
    op.create_table(
        "shop_setting",
        key(),
        reference("merchant_id", "shop_setting", "merchant"),
        sa.Column("allows_negative_stock", sa.Boolean, server_default="false", nullable=False),
        sa.Column("label_size", sa.String(10), server_default="40x30", nullable=False),
        sa.Column("label_has_qr", sa.Boolean, server_default="false", nullable=False),
        sa.UniqueConstraint("merchant_id", name="uq_shop_setting_merchant_id"),
    )


def stock() -> None:
    op.create_table(
        "stock_level",
        reference("branch_id", "stock_level", "branch", primary_key=True, autoincrement=False),
        reference("product_id", "stock_level", "product", primary_key=True, autoincrement=False),
        amount("milli", default="0"),
        amount("reorder_milli", nullable=True),
        sa.CheckConstraint("reorder_milli >= 0", name="ck_stock_level_reorder_milli"),
    )
    op.create_index("ix_stock_level_low", "stock_level", ["branch_id"], postgresql_where=sa.text("milli <= reorder_milli"))
    op.create_index("ix_stock_level_product_id", "stock_level", ["product_id"])
    op.create_table(
        "stock_movement",
        key(),
        act_key(),
        reference("branch_id", "stock_movement", "branch"),
        reference("product_id", "stock_movement", "product"),
        sa.Column("kind", sa.String(8), nullable=False),
        amount("milli"),
        amount("after_milli"),
        instant("at"),
        sa.Column("sale_key", postgresql.UUID(as_uuid=False)),
        sa.Column("reference", sa.String(60)),
        amount("sign_in_id", nullable=True),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.UniqueConstraint("key", "product_id", name="uq_stock_movement_key_product_id"),
        sa.CheckConstraint("kind IN ('intake', 'sale', 'return', 'count', 'loss')", name="ck_stock_movement_kind"),
        sa.CheckConstraint("(kind = 'return') = (sale_key IS NOT NULL)", name="ck_stock_movement_sale_given"),
        sa.CheckConstraint("milli <> 0", name="ck_stock_movement_milli"),
    )
    op.create_index("ix_stock_movement_branch_id_product_id_id", "stock_movement", ["branch_id", "product_id", "id"])
    op.create_index(
        "ix_stock_movement_sale_key", "stock_movement", ["sale_key"], postgresql_where=sa.text("sale_key IS NOT NULL")
    )
    op.create_table(
        "delivery",
        key(),
        act_key(),
        reference("branch_id", "delivery", "branch"),
        sa.Column("supplier", sa.String(120), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        instant("entered_at"),
        amount("sign_in_id", nullable=True),
        instant("received_at", nullable=True),
        sa.UniqueConstraint("key", name="uq_delivery_key"),
    )
    op.create_index("ix_delivery_branch_id", "delivery", ["branch_id", "id"])
    op.create_table(
        "delivery_line",
        reference("delivery_id", "delivery_line", "delivery", primary_key=True),
        reference("product_id", "delivery_line", "product", primary_key=True),
        amount("noted_milli"),
        amount("received_milli", nullable=True),
        sa.CheckConstraint("noted_milli > 0", name="ck_delivery_line_noted_milli"),
        sa.CheckConstraint("received_milli >= 0", name="ck_delivery_line_received_milli"),
    )
    op.create_table(
        "stock_count",
        key(),
        reference("branch_id", "stock_count", "branch"),
        reference("group_id", "stock_count", "product_group", nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        reference("counted_by", "stock_count", "person"),
        instant("begun_at"),
        instant("counted_at", nullable=True),
        reference("decided_by", "stock_count", "person", nullable=True),
        instant("decided_at", nullable=True),
        sa.Column("why", sa.String(200)),
        sa.CheckConstraint("state IN ('counting', 'counted', 'posted', 'discarded')", name="ck_stock_count_state"),
        sa.CheckConstraint("state <> 'posted' OR decided_by <> counted_by", name="ck_stock_count_four_eyes"),
    )
    op.create_index("ix_stock_count_branch_id", "stock_count", ["branch_id", "id"])
    op.create_index(
        "ix_stock_count_one_open", "stock_count", ["branch_id"], unique=True,
        postgresql_where=sa.text("state IN ('counting', 'counted')"),
    )
    op.create_table(
        "stock_count_line",
        reference("count_id", "stock_count_line", "stock_count", primary_key=True),
        reference("product_id", "stock_count_line", "product", primary_key=True),
        amount("counted_milli"),
        amount("book_milli"),
        instant("at"),
        sa.CheckConstraint("counted_milli >= 0", name="ck_stock_count_line_counted_milli"),
    )


def tags() -> None:
    op.create_table(
        "tag_reader",
        key(),
        reference("branch_id", "tag_reader", "branch"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("key_digest", sa.LargeBinary, nullable=False),
        instant("opened_at"),
        instant("stopped_at", nullable=True),
        instant("seen_at", nullable=True),
        sa.UniqueConstraint("key_digest", name="uq_tag_reader_key_digest"),
        sa.CheckConstraint("kind IN ('handheld', 'door', 'till', 'ceiling')", name="ck_tag_reader_kind"),
    )
    op.create_index("ix_tag_reader_branch_id", "tag_reader", ["branch_id"])
    op.create_table(
        "tag",
        key(),
        reference("merchant_id", "tag", "merchant"),
        reference("product_id", "tag", "product"),
        sa.Column("scheme", sa.String(8), nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        instant("bound_at"),
        reference("branch_id", "tag", "branch"),
        reference("reader_id", "tag", "tag_reader", nullable=True),
        instant("seen_at", nullable=True),
        instant("left_at", nullable=True),
        sa.UniqueConstraint("merchant_id", "number", name="uq_tag_merchant_id_number"),
        sa.CheckConstraint("scheme IN ('sgtin96', 'nfc')", name="ck_tag_scheme"),
    )
    op.create_index("ix_tag_product_id", "tag", ["product_id", "id"])
    op.create_index("ix_tag_branch_id", "tag", ["branch_id"], postgresql_where=sa.text("left_at IS NULL"))
    op.create_table(
        "tag_sweep",
        key(),
        reference("branch_id", "tag_sweep", "branch"),
        reference("reader_id", "tag_sweep", "tag_reader"),
        reference("delivery_id", "tag_sweep", "delivery", nullable=True),
        reference("count_id", "tag_sweep", "stock_count", nullable=True),
        instant("begun_at"),
        instant("closed_at", nullable=True),
        sa.CheckConstraint("num_nonnulls(delivery_id, count_id) = 1", name="ck_tag_sweep_one_purpose"),
    )
    for purpose in ("delivery_id", "count_id"):
        op.create_index(
            f"ix_tag_sweep_{purpose}", "tag_sweep", [purpose], unique=True, postgresql_where=sa.text("closed_at IS NULL")
        )
    op.create_table(
        "tag_sweep_read",
        reference("sweep_id", "tag_sweep_read", "tag_sweep", primary_key=True),
        sa.Column("number", sa.String(24), primary_key=True),
        reference("product_id", "tag_sweep_read", "product", nullable=True),
    )
    op.create_table(
        "tag_event",
        reference("reader_id", "tag_event", "tag_reader", primary_key=True),
        sa.Column("event_id", postgresql.UUID(as_uuid=False), primary_key=True),
        reference("sweep_id", "tag_event", "tag_sweep", nullable=True),
        sa.Column("numbers", sa.Integer, nullable=False),
        sa.Column("unknown", sa.Integer, nullable=False),
        instant("read_at"),
        instant("received_at"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
