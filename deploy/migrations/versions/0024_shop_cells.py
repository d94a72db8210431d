"""Shops counted by cell of the map, by triggers: every way a shop opens, moves, stops or goes is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0024_shop_cells"
down_revision = "0023_messages"
branch_labels = None
depends_on = None

# Adds shops to their cells, or takes them out. In the order of the cells, so that two transactions never wait for each other.
SHIFT = """
CREATE FUNCTION shift_shop_cells(positions geometry[], branches bigint[], signs integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop_cell AS kept (x, y, shops, lon_e7, lat_e7, branch_ids)
    SELECT floor(ST_X(position) * 1024)::integer, floor(ST_Y(position) * 1024)::integer, sum(sign),
        sum(sign * round(ST_X(position) * 1e7)::bigint), sum(sign * round(ST_Y(position) * 1e7)::bigint), sum(sign * branch)
    FROM unnest(positions, branches, signs) AS changed (position, branch, sign)
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (x, y) DO UPDATE SET shops = kept.shops + excluded.shops, lon_e7 = kept.lon_e7 + excluded.lon_e7,
        lat_e7 = kept.lat_e7 + excluded.lat_e7, branch_ids = kept.branch_ids + excluded.branch_ids
$$
"""

# Merchant and place are share-locked, so that neither changes beside a branch that is counted by what they are.
ON_BRANCH = """
CREATE FUNCTION count_branches_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shift_shop_cells(array_agg(position), array_agg(id), array_agg(sign)) FROM (
        SELECT p.position, b.id, b.sign FROM ({changed}) AS b
        JOIN merchant m ON m.id = b.merchant_id JOIN place p ON p.id = b.place_id
        WHERE m.status = 'active' FOR SHARE OF m, p
    ) AS shops;
    RETURN NULL;
END $$
"""
ON_MERCHANT = """
CREATE FUNCTION count_shops_of_merchants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shift_shop_cells(array_agg(position), array_agg(id), array_agg(sign)) FROM (
        SELECT p.position, b.id, CASE WHEN is_now.status = 'active' THEN 1 ELSE -1 END AS sign
        FROM was JOIN is_now USING (id) JOIN branch b ON b.merchant_id = is_now.id JOIN place p ON p.id = b.place_id
        WHERE (was.status = 'active') <> (is_now.status = 'active') FOR SHARE OF b, p
    ) AS shops;
    RETURN NULL;
END $$
"""
ON_PLACE = """
CREATE FUNCTION count_shops_of_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shift_shop_cells(array_agg(position), array_agg(id), array_agg(sign)) FROM (
        SELECT moved.position, b.id, moved.sign
        FROM (
            SELECT was.id, unnest(ARRAY[was.position, is_now.position]) AS position, unnest(ARRAY[-1, 1]) AS sign
            FROM was JOIN is_now USING (id) WHERE was.position::bytea <> is_now.position::bytea
        ) AS moved
        JOIN branch b ON b.place_id = moved.id JOIN merchant m ON m.id = b.merchant_id
        WHERE m.status = 'active' FOR SHARE OF b, m
    ) AS shops;
    RETURN NULL;
END $$
"""
CHANGED = {
    "opened": "SELECT id, merchant_id, place_id, 1 AS sign FROM is_now",
    "closed": "SELECT id, merchant_id, place_id, -1 AS sign FROM was",
    "moved": "SELECT id, merchant_id, place_id, -1 AS sign FROM was UNION ALL SELECT id, merchant_id, place_id, 1 FROM is_now",
}
TRIGGERS = (
    "CREATE TRIGGER count_opened AFTER INSERT ON branch REFERENCING NEW TABLE AS is_now "
    "FOR EACH STATEMENT EXECUTE FUNCTION count_branches_opened()",
    "CREATE TRIGGER count_closed AFTER DELETE ON branch REFERENCING OLD TABLE AS was "
    "FOR EACH STATEMENT EXECUTE FUNCTION count_branches_closed()",
    "CREATE TRIGGER count_moved AFTER UPDATE ON branch REFERENCING OLD TABLE AS was NEW TABLE AS is_now "
    "FOR EACH STATEMENT EXECUTE FUNCTION count_branches_moved()",
    "CREATE TRIGGER count_shops AFTER UPDATE ON merchant REFERENCING OLD TABLE AS was NEW TABLE AS is_now "
    "FOR EACH STATEMENT EXECUTE FUNCTION count_shops_of_merchants()",
    "CREATE TRIGGER count_shops AFTER UPDATE ON place REFERENCING OLD TABLE AS was NEW TABLE AS is_now "
    "FOR EACH STATEMENT EXECUTE FUNCTION count_shops_of_places()",
)
FILL = """
SELECT shift_shop_cells(array_agg(p.position), array_agg(b.id), array_agg(1))
FROM branch b JOIN merchant m ON m.id = b.merchant_id JOIN place p ON p.id = b.place_id WHERE m.status = 'active'
"""


def upgrade() -> None:
    op.create_table(
        "shop_cell",
        sa.Column("x", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("y", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("shops", sa.Integer, nullable=False),
        sa.Column("lon_e7", sa.BigInteger, nullable=False),
        sa.Column("lat_e7", sa.BigInteger, nullable=False),
        sa.Column("branch_ids", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("x", "y", name="pk_shop_cell"),
    )
    op.execute(SHIFT)
    for event, changed in CHANGED.items():
        op.execute(ON_BRANCH.format(event=event, changed=changed))
    op.execute(ON_MERCHANT)
    op.execute(ON_PLACE)
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.execute(FILL)


def downgrade() -> None:
    for function in ("count_branches_opened", "count_branches_closed", "count_branches_moved", "count_shops_of_merchants", "count_shops_of_places"):
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    op.execute("DROP FUNCTION shift_shop_cells(geometry[], bigint[], integer[])")
    op.drop_table("shop_cell")
