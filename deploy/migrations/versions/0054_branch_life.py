"""A branch is renamed, moves, stands still when its licence ends, and is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0054_branch_life"
down_revision = "0053_branches"
branch_labels = None
depends_on = None

KINDS = "'intake', 'sale', 'return', 'count', 'loss', 'gift'"

# As 0024 made them, but a branch counts only while it works itself.
ON_BRANCH = """
CREATE OR REPLACE FUNCTION count_branches_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shift_shop_cells(array_agg(position), array_agg(id), array_agg(sign)) FROM (
        SELECT p.position, b.id, b.sign FROM ({changed}) AS b
        JOIN merchant m ON m.id = b.merchant_id JOIN place p ON p.id = b.place_id
        WHERE m.status = 'active'{works} FOR SHARE OF m, p
    ) AS shops;
    RETURN NULL;
END $$
"""
ON_MERCHANT = """
CREATE OR REPLACE FUNCTION count_shops_of_merchants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shift_shop_cells(array_agg(position), array_agg(id), array_agg(sign)) FROM (
        SELECT p.position, b.id, CASE WHEN is_now.status = 'active' THEN 1 ELSE -1 END AS sign
        FROM was JOIN is_now USING (id) JOIN branch b ON b.merchant_id = is_now.id JOIN place p ON p.id = b.place_id
        WHERE (was.status = 'active') <> (is_now.status = 'active'){works} FOR SHARE OF b, p
    ) AS shops;
    RETURN NULL;
END $$
"""
ON_PLACE = """
CREATE OR REPLACE FUNCTION count_shops_of_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shift_shop_cells(array_agg(position), array_agg(id), array_agg(sign)) FROM (
        SELECT moved.position, b.id, moved.sign
        FROM (
            SELECT was.id, unnest(ARRAY[was.position, is_now.position]) AS position, unnest(ARRAY[-1, 1]) AS sign
            FROM was JOIN is_now USING (id) WHERE was.position::bytea <> is_now.position::bytea
        ) AS moved
        JOIN branch b ON b.place_id = moved.id JOIN merchant m ON m.id = b.merchant_id
        WHERE m.status = 'active'{works} FOR SHARE OF b, m
    ) AS shops;
    RETURN NULL;
END $$
"""
CHANGED = {
    "opened": "SELECT id, merchant_id, place_id{status}, 1 AS sign FROM is_now",
    "closed": "SELECT id, merchant_id, place_id{status}, -1 AS sign FROM was",
    "moved": "SELECT id, merchant_id, place_id{status}, -1 AS sign FROM was "
    "UNION ALL SELECT id, merchant_id, place_id{status}, 1 FROM is_now",
}


def upgrade() -> None:
    op.add_column("branch", sa.Column("status", sa.String(10), server_default="active", nullable=False))
    op.add_column("branch", sa.Column("licence_number", sa.String(10)))
    op.add_column("branch", sa.Column("licence_expires_on", sa.Date))
    op.add_column("branch", sa.Column("noticed_days", sa.SmallInteger))
    op.add_column("branch", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.add_column("branch", sa.Column("heir_id", sa.BigInteger, sa.ForeignKey("branch.id", name="fk_branch_heir_id_branch")))
    op.execute("""
        UPDATE branch SET licence_number = wish.licence_number, licence_expires_on = wish.licence_expires_on
        FROM branch_wish AS wish WHERE wish.branch_id = branch.id
    """)
    op.create_check_constraint("ck_branch_status", "branch", "status IN ('active', 'suspended', 'closed')")
    op.create_check_constraint("ck_branch_closed", "branch", "(status = 'closed') = (closed_at IS NOT NULL)")
    op.create_check_constraint("ck_branch_licence", "branch", "(licence_number IS NULL) = (licence_expires_on IS NULL)")
    open_ones = sa.text("licence_number IS NOT NULL AND status <> 'closed'")
    op.create_index("uq_branch_licence_number", "branch", ["licence_number"], unique=True, postgresql_where=open_ones)
    op.create_index("ix_branch_licence_expires_on", "branch", ["licence_expires_on"], postgresql_where=sa.text("status = 'active'"))
    op.create_index("ix_branch_place_id_closed", "branch", ["place_id"], postgresql_where=sa.text("status = 'closed'"))

    op.add_column("branch_wish", sa.Column("kind", sa.String(4), server_default="open", nullable=False))
    op.drop_constraint("ck_branch_wish_branch_made", "branch_wish", type_="check")
    op.create_check_constraint("ck_branch_wish_kind", "branch_wish", "kind IN ('open', 'move')")
    named = "(branch_id IS NOT NULL) = (kind = 'move' OR state = 'approved')"
    op.create_check_constraint("ck_branch_wish_branch_named", "branch_wish", named)
    op.drop_index("uq_branch_wish_licence_number", "branch_wish")
    asked = sa.text("state = 'asked'")
    op.create_index("uq_branch_wish_licence_number", "branch_wish", ["licence_number"], unique=True, postgresql_where=asked)
    moves = sa.text("kind = 'move' AND state = 'asked'")
    op.create_index("uq_branch_wish_one_move", "branch_wish", ["branch_id"], unique=True, postgresql_where=moves)
    op.create_index("ix_branch_wish_branch_id", "branch_wish", ["branch_id"], postgresql_where=sa.text("branch_id IS NOT NULL"))

    op.drop_constraint("ck_stock_movement_kind", "stock_movement", type_="check")
    op.create_check_constraint("ck_stock_movement_kind", "stock_movement", f"kind IN ({KINDS}, 'move')")
    _count_shops(works=" AND b.status = 'active'", status=", status")


def downgrade() -> None:
    _count_shops(works="", status="")
    op.execute("UPDATE stock_movement SET kind = CASE WHEN milli < 0 THEN 'loss' ELSE 'intake' END WHERE kind = 'move'")
    op.drop_constraint("ck_stock_movement_kind", "stock_movement", type_="check")
    op.create_check_constraint("ck_stock_movement_kind", "stock_movement", f"kind IN ({KINDS})")
    op.drop_index("ix_branch_wish_branch_id", "branch_wish")
    op.drop_index("uq_branch_wish_one_move", "branch_wish")
    op.drop_index("uq_branch_wish_licence_number", "branch_wish")
    op.execute("DELETE FROM branch_wish WHERE kind = 'move'")
    op.drop_constraint("ck_branch_wish_branch_named", "branch_wish", type_="check")
    op.drop_constraint("ck_branch_wish_kind", "branch_wish", type_="check")
    op.drop_column("branch_wish", "kind")
    op.create_check_constraint("ck_branch_wish_branch_made", "branch_wish", "(state = 'approved') = (branch_id IS NOT NULL)")
    stands = sa.text("state IN ('asked', 'approved')")
    op.create_index("uq_branch_wish_licence_number", "branch_wish", ["licence_number"], unique=True, postgresql_where=stands)
    for name in ("heir_id", "closed_at", "noticed_days", "licence_expires_on", "licence_number", "status"):
        op.drop_column("branch", name)


def _count_shops(*, works: str, status: str) -> None:
    for event, changed in CHANGED.items():
        op.execute(ON_BRANCH.format(event=event, changed=changed.format(status=status), works=works))
    op.execute(ON_MERCHANT.format(works=works))
    op.execute(ON_PLACE.format(works=works))
