"""Shops counted by cell: whatever happens to a shop, and beside whom, the cells count who is there."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from kernel.db import unit_of_work
from merchants import services
from merchants.models import Branch, Merchant, ShopCell
from merchants.shops_on_map import shop_clusters
from places.models import Place
from places.rules import Box
from tests import factories
from tests.factories import ACTOR

COUNTED = """
    SELECT floor(ST_X(p.position) * 1024)::int, floor(ST_Y(p.position) * 1024)::int, count(*)::int,
        sum(round(ST_X(p.position) * 1e7)::bigint)::bigint, sum(round(ST_Y(p.position) * 1e7)::bigint)::bigint, sum(b.id)::bigint
    FROM branch b JOIN merchant m ON m.id = b.merchant_id JOIN place p ON p.id = b.place_id
    WHERE m.status = 'active' GROUP BY 1, 2
"""
EVERYWHERE = Box(-180, -90, 180, 90)


def kept(session: Session) -> set[tuple[int, ...]]:
    cells = select(ShopCell.x, ShopCell.y, ShopCell.shops, ShopCell.lon_e7, ShopCell.lat_e7, ShopCell.branch_ids)
    return {tuple(row) for row in session.execute(cells.where(ShopCell.shops != 0))}


def counted(session: Session) -> set[tuple[int, ...]]:
    return {tuple(row) for row in session.execute(text(COUNTED))}


def opened(session: Session, shop: Merchant, lon: float = 59.61, lat: float = 36.29) -> Branch:
    return services.open_branch(session, ACTOR, shop.id, factories.place(session, lon=lon, lat=lat).id, {"fa": "شعبه"})


def test_every_way_a_shop_comes_moves_and_goes_is_counted(session: Session) -> None:
    first, second = factories.merchant(session), factories.merchant(session)
    near, west = opened(session, first), opened(session, first, lon=-0.0004, lat=-0.0004)
    opened(session, second)
    steps: list[Callable[[], object]] = [
        lambda: services.set_merchant_status(session, ACTOR, first.id, "suspended", "x"),
        lambda: opened(session, first),
        lambda: services.set_merchant_status(session, ACTOR, first.id, "closed", "x"),
        lambda: services.set_merchant_status(session, ACTOR, first.id, "active", "x"),
        lambda: session.execute(update(Place).where(Place.id == near.place_id).values(position="SRID=4326;POINT(59.7 36.3)")),
        lambda: session.execute(update(Branch).where(Branch.id == west.id).values(merchant_id=second.id)),
        lambda: session.execute(update(Branch).where(Branch.id == west.id).values(place_id=near.place_id)),
        lambda: session.execute(update(Branch).values(names={"fa": "x"})),
        lambda: session.delete(west) or session.flush(),
    ]
    assert len(kept(session)) == 2
    for step in steps:
        step()
        assert kept(session) == counted(session)
    assert sum(one.shops for one in shop_clusters(session, EVERYWHERE)) == 3


@pytest.fixture
def shops(session: Session) -> list[int]:
    made = [factories.merchant(session).id for _ in range(2)]
    for merchant_id in made:
        opened(session, session.get_one(Merchant, merchant_id))
    session.commit()
    return made


def together(*acts: Callable[[Session], object]) -> None:
    """Each in a transaction of its own; all have begun before the first ends."""
    begun = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> None:
        with unit_of_work() as session:
            session.execute(select(1))
            begun.wait(20)
            act(session)

    with ThreadPoolExecutor(len(acts)) as threads:
        list(threads.map(run, acts))


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_shop_that_is_stopped_while_it_opens_a_branch_is_counted_right(
    session: Session, shops: list[int], is_locked: bool
) -> None:
    """Without the lock of its merchant the branch is added for a shop that is active no more."""
    if not is_locked:
        [body] = session.scalars(text("SELECT pg_get_functiondef('count_branches_opened'::regproc)"))
        assert "FOR SHARE OF m, p" in body
        session.execute(text(body.replace("FOR SHARE OF m, p", "")))
        session.commit()
    branch_is_in, may_commit = Barrier(2), Barrier(2)

    def open_and_linger(other: Session) -> None:
        place = factories.place(other)
        other.execute(
            text("INSERT INTO branch (merchant_id, place_id, names) VALUES (:shop, :place, '{}')"),
            {"shop": shops[0], "place": place.id},
        )
        branch_is_in.wait(20)
        may_commit.wait(20)

    def stop(other: Session) -> None:
        branch_is_in.wait(20)
        if not is_locked:
            other.execute(text("UPDATE merchant SET status = 'suspended' WHERE id = :shop"), {"shop": shops[0]})
            other.commit()
            may_commit.wait(20)
            return
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(Exception, match="lock timeout"), other.begin_nested():
            other.execute(text("UPDATE merchant SET status = 'suspended' WHERE id = :shop"), {"shop": shops[0]})
        may_commit.wait(20)
        other.execute(text("SET LOCAL lock_timeout = '20s'"))
        other.execute(text("UPDATE merchant SET status = 'suspended' WHERE id = :shop"), {"shop": shops[0]})

    together(open_and_linger, stop)
    session.rollback()
    assert (kept(session) == counted(session)) is is_locked


def test_many_shops_of_one_cell_change_at_once_and_every_one_counts(session: Session, shops: list[int]) -> None:
    def change(merchant_id: int) -> Callable[[Session], object]:
        def act(other: Session) -> None:
            shop = other.get_one(Merchant, merchant_id)
            opened(other, shop)
            services.set_merchant_status(other, ACTOR, merchant_id, "suspended", "x")
            services.set_merchant_status(other, ACTOR, merchant_id, "active", "x")

        return act

    together(*map(change, shops))
    session.rollback()
    assert kept(session) == counted(session)
    assert session.scalar(select(func.sum(ShopCell.shops))) == 4
