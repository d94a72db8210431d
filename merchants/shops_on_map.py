"""Shops on a map: one by one in a street, gathered by the cells of a grid in a city."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Double, Select, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from identity.models import Organisation
from merchants.models import SELLS, Branch, Merchant, ShopCell, Terminal
from places.models import City, Place
from places.rules import WGS84, Box, cell_of, cell_steps, cells_around

E7 = 10_000_000


@dataclass(frozen=True, slots=True)
class ShopOnMap:
    branch_id: int
    names: dict[str, str]
    kind: str
    zone_id: int | None
    lon: float
    lat: float
    terminal_codes: tuple[str, ...]
    is_fictional: bool


@dataclass(frozen=True, slots=True)
class ShopCluster:
    """The shops of one cell: their middle and how many; `branch_id` where there is one."""

    lon: float
    lat: float
    shops: int
    branch_id: int | None


def shops_page(session: Session, city_code: str | None = None, *, after: int = 0, limit: int = 50) -> list[ShopOnMap]:
    """Branches that sell by id, with their position and open terminals. One query."""
    page = _shops().where(Branch.id > after).order_by(Branch.id).limit(limit)
    if city_code is not None:
        page = page.join(City, City.id == Place.city_id).where(City.code == city_code)
    return _shops_on_map(session, page)


def count_shops(session: Session) -> int:
    open_branches = select(func.count()).select_from(Branch).join(Merchant, Merchant.id == Branch.merchant_id)
    return session.scalar(open_branches.where(SELLS)) or 0


def shops_in_box(session: Session, box: Box, *, most: int) -> list[ShopOnMap]:
    """At most so many of the shops of a box, in no order: whoever gets `most` asks for clusters. One query."""
    return _shops_on_map(session, _shops().where(_is_in(box)).limit(most))


def shops_of_branches(session: Session, branch_ids: Collection[int]) -> list[ShopOnMap]:
    return _shops_on_map(session, _shops().where(Branch.id.in_(branch_ids)))


def shop_clusters(session: Session, box: Box) -> list[ShopCluster]:
    """The shops of a box, gathered by a grid whose cells lie the same however the box is moved. One query.

    Cells at the edge of the box count whole, so that no number changes while a map is dragged.
    """
    steps = cell_steps(cell_of(box))
    if steps < 1:
        return _clusters_within_cells(session, box)
    west, south, east, north = cells_around(box, steps)
    shops = func.sum(ShopCell.shops)
    found = (
        select(
            func.sum(ShopCell.lon_e7) / shops / E7, func.sum(ShopCell.lat_e7) / shops / E7, shops,
            case((shops == 1, func.sum(ShopCell.branch_ids))),
        )
        .where(ShopCell.shops > 0, ShopCell.x.between(west, east), ShopCell.y.between(south, north))
        .group_by(ShopCell.x.op(">>")(steps), ShopCell.y.op(">>")(steps))
    )  # fmt: skip
    return [
        ShopCluster(float(lon), float(lat), int(count), None if branch_id is None else int(branch_id))
        for lon, lat, count, branch_id in session.execute(found)
    ]


def _clusters_within_cells(session: Session, box: Box) -> list[ShopCluster]:
    """A box of a few streets holds few enough shops to be counted each time, and has cells as small as those that are kept or smaller."""
    count = func.count()
    found = (
        select(
            func.avg(func.ST_X(Place.position)), func.avg(func.ST_Y(Place.position)), count, case((count == 1, func.min(Branch.id)))
        )
        .select_from(Place)
        .join(Branch, Branch.place_id == Place.id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(SELLS, _is_in(box))
        .group_by(func.ST_SnapToGrid(Place.position, cell_of(box)))
    )
    return [ShopCluster(*row) for row in session.execute(found)]


def box_of_shops(session: Session) -> Box | None:
    """The smallest box that holds every place of the kind shop; None where there is none. One query."""
    west, south, east, north = session.execute(
        select(
            func.min(func.ST_X(Place.position)), func.min(func.ST_Y(Place.position)),
            func.max(func.ST_X(Place.position)), func.max(func.ST_Y(Place.position)),
        ).where(Place.kind == "shop")
    ).one()  # fmt: skip
    return None if west is None else Box(west, south, east, north)


def _is_in(box: Box) -> ColumnElement[bool]:
    # Written into the statement: a plan that is kept for every box would read a city by the index, or a street without it.
    edges = (bindparam(None, edge, Double, literal_execute=True) for edge in box)
    return Place.position.op("&&")(func.ST_MakeEnvelope(*edges, WGS84))


def _shops() -> Select[*tuple[Any, ...]]:
    codes = (
        select(func.array_agg(aggregate_order_by(Terminal.code, Terminal.code)))
        .where(Terminal.branch_id == Branch.id, Terminal.status != "closed")
        .scalar_subquery()
    )
    return (
        select(
            Branch.id, Branch.names, Merchant.kind, Place.zone_id, func.ST_X(Place.position).label("lon"),
            func.ST_Y(Place.position).label("lat"), codes.label("codes"), Organisation.is_fictional,
        )
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .join(Place, Place.id == Branch.place_id)
        .where(SELLS)
    )  # fmt: skip


def _shops_on_map(session: Session, shops: Select[*tuple[Any, ...]]) -> list[ShopOnMap]:
    return [
        ShopOnMap(row.id, row.names, row.kind, row.zone_id, row.lon, row.lat, tuple(row.codes or ()), row.is_fictional)
        for row in session.execute(shops)
    ]
