"""Reads of the directory. Distances order by the spatial index; what is open now is asked of the rules first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    Select,
    any_,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import Session

from kernel import clock
from places.directory.rules import Asked, geo_link, walk_m, words_of_search
from places.errors import PlaceNotFound
from places.hours.models import OpeningRule
from places.hours.queries import OpenState, minute_of, state_of
from places.models import Place
from places.pages.models import PlacePage
from places.pages.queries import Updating, updating_of
from places.rules import point

# A box of degrees is no circle of metres: so many times more candidates are read by the index and then put in order.
CANDIDATES = 3
# A descent of the index for one rule costs about as much as reading this many places on the way.
DESCENT = 12


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """A place as lists show it. `distance_m` is the straight line, None where nobody asked from somewhere.

    `told_at` and `priced_at` are when what its page says, and its prices, were last changed; None where nobody knows.
    """

    place_id: int
    city_id: int
    kind: str
    category: str | None
    names: dict[str, str]
    lon: float
    lat: float
    distance_m: float | None
    state: OpenState | None
    hours: str | None
    wheelchair: str | None
    has_women_area: bool
    is_handicraft: bool
    earns: bool
    spends: bool
    discounts: bool
    instalments: bool
    night_rial: int | None
    languages: tuple[str, ...]
    confirmed_at: datetime | None
    source: str
    licence: str
    told_at: datetime | None
    priced_at: datetime | None
    updating: Updating | None

    @property
    def walk_m(self) -> int | None:
        """An estimate: the straight line × 1.3."""
        return None if self.distance_m is None else walk_m(self.distance_m)

    @property
    def geo(self) -> str:
        return geo_link(self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class PlaceDetail:
    card: PlaceCard
    about: dict[str, str]
    parent: PlaceCard | None
    parts: list[PlaceCard]


def nearest(session: Session, asked: Asked, lon: float, lat: float, *, most: int = 20, skip: int = 0) -> list[PlaceCard]:
    """The nearest places that are as asked, nearest first, after the first `skip`. Raises PositionOutOfRange."""
    reach = skip + most
    here, now = func.ST_GeomFromEWKT(point(lon, lat)), clock.now()
    by_index = Place.position.op("<->")(here)
    wanted = select(Place.id).where(*_conditions(asked))
    if asked.open_now:
        candidates = _open_candidates(session, wanted, by_index, asked, now, reach)
        if candidates is None:
            return []
    else:
        candidates = wanted.order_by(by_index).limit(CANDIDATES * reach)
    return _cards(session, candidates, here, now, most, skip)


def search(session: Session, asked: Asked, typed: str, lon: float, lat: float, *, most: int = 20, skip: int = 0) -> list[PlaceCard]:
    """Places whose names begin with the typed words in any of four languages, nearest first, after the first `skip`.

    Raises PositionOutOfRange.
    """
    words, here, now = words_of_search(typed), func.ST_GeomFromEWKT(point(lon, lat)), clock.now()
    if not words:
        return nearest(session, asked, lon, lat, most=most, skip=skip)
    named = func.to_tsvector(literal_column("'simple'"), Place.search_text).op("@@")(
        func.to_tsquery(literal_column("'simple'"), words)
    )
    found = select(Place.id).where(named, *_conditions(asked))
    if asked.open_now:
        found = found.where(Place.rule_id.in_(select(OpeningRule.id).where(_is_open(now))))
    distance = func.ST_DistanceSphere(Place.position, here)
    return _cards(session, found.order_by(distance, Place.id).limit(skip + most), here, now, most, skip)


def cards_of(session: Session, place_ids: list[int]) -> list[PlaceCard]:
    """These places in the order of their ids, without a distance. One query."""
    rows = session.execute(_rows(None).where(Place.id.in_(place_ids)).order_by(Place.id))
    return [_card(row, clock.now()) for row in rows]


def place_detail(session: Session, place_id: int) -> PlaceDetail:
    """A place with what it is a part of and what its parts are. Raises PlaceNotFound. Two queries."""
    now = clock.now()
    row = session.execute(_rows(None).where(Place.id == place_id, Place.closed_at.is_(None))).one_or_none()
    if row is None:
        raise PlaceNotFound
    family = session.execute(
        _rows(None)
        .where(Place.closed_at.is_(None), (Place.parent_id == place_id) | (Place.id == row.Place.parent_id))
        .order_by(Place.kind, Place.id)
    ).all()
    cards = [_card(one, now) for one in family]
    parents = [one for one in cards if one.place_id == row.Place.parent_id]
    parts = [one for one in cards if one.place_id != row.Place.parent_id]
    return PlaceDetail(_card(row, now), row.Place.about, parents[0] if parents else None, parts)


def kinds_of_city(session: Session, city_id: int) -> list[tuple[str, str | None, int]]:
    """(kind, category, how many places are of it). One query."""
    open_places = select(Place.kind, Place.category, func.count()).where(Place.city_id == city_id, Place.closed_at.is_(None))
    rows = session.execute(open_places.group_by(Place.kind, Place.category).order_by(Place.kind, Place.category.nulls_first()))
    return [(kind, category, places) for kind, category, places in rows]


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    told: list[ColumnElement[bool]] = [Place.closed_at.is_(None)]
    if asked.city_id is not None:
        told.append(Place.city_id == asked.city_id)
    if asked.kinds:
        told.append(Place.kind.in_(asked.kinds))
    if asked.category:
        told.append(Place.category == asked.category)
    flags = {
        Place.earns: asked.earns, Place.spends: asked.spends, Place.discounts: asked.discounts, Place.instalments: asked.instalments,
        Place.has_women_area: asked.women, Place.is_handicraft: asked.handicraft,
    }  # fmt: skip
    told += [flag for flag, is_asked in flags.items() if is_asked]  # type: ignore[misc]
    if asked.wheelchair:
        told.append(Place.wheelchair.in_(("yes", "limited")))
    if asked.most_rial is not None:
        told.append(Place.night_rial <= asked.most_rial)
    if asked.language:
        told.append(literal(asked.language) == any_(Place.languages))
    return told


def _is_open(now: datetime) -> ColumnElement[bool]:
    return OpeningRule.minutes.op("@>")(minute_of(now))


def _open_candidates(
    session: Session, wanted: Select[int], by_index: ColumnElement[Any], asked: Asked, now: datetime, most: int
) -> Select[int] | None:
    """By the way that reads less: along the index past what is closed, or down the index once for each rule that is open.

    At noon most of what lies on the way is open; at three at night little is, and under few rules.
    """
    is_open, kept = _is_open(now), OpeningRule.places
    told = select(func.array_agg(OpeningRule.id).filter(is_open), func.sum(kept).filter(is_open), func.sum(kept))
    ids, of_open, of_all = session.execute(
        told if asked.city_id is None else told.where(OpeningRule.city_id == asked.city_id)
    ).one()
    if ids is None:
        return None
    enough = CANDIDATES * most
    if enough * of_all / max(1, of_open) <= len(ids) * (DESCENT + most):
        # Asked of each place on the way; a join would let the planner read every open place and sort them.
        opened = select(is_open).where(OpeningRule.id == Place.rule_id).correlate(Place).scalar_subquery()
        return wanted.where(opened).order_by(by_index).limit(enough)
    rule = func.unnest(cast(ids, ARRAY(BigInteger))).table_valued("id").render_derived(name="open_rule")
    near = (
        wanted.add_columns(by_index.label("way"))
        .where(Place.rule_id == rule.c.id)
        .order_by(by_index)
        .limit(most)
        .lateral("near_by_rule")
    )
    return select(near.c.id).select_from(rule).join(near, true()).order_by(near.c.way).limit(enough)


def _rows(here: ColumnElement[Any] | None) -> Select[Any]:
    distance = func.ST_DistanceSphere(Place.position, here) if here is not None else literal_column("NULL::float8")
    return select(
        Place, func.ST_X(Place.position).label("lon"), func.ST_Y(Place.position).label("lat"), distance.label("distance_m"), OpeningRule, PlacePage,
    ).outerjoin(OpeningRule, OpeningRule.id == Place.rule_id).outerjoin(PlacePage, PlacePage.place_id == Place.id)  # fmt: skip


def _cards(
    session: Session, candidates: Select[int], here: ColumnElement[Any], now: datetime, most: int, skip: int
) -> list[PlaceCard]:
    near = candidates.subquery("near")
    page = _rows(here).join(near, near.c.id == Place.id).order_by(literal_column("distance_m"), Place.id).limit(most).offset(skip)
    return [_card(row, now) for row in session.execute(page)]


def _card(row: Row[Any], now: datetime) -> PlaceCard:
    place: Place = row.Place
    page: PlacePage | None = row.PlacePage
    return PlaceCard(
        place.id, place.city_id, place.kind, place.category, place.names, row.lon, row.lat, row.distance_m, state_of(row.OpeningRule, now),
        row.OpeningRule.text if row.OpeningRule else None, place.wheelchair, place.has_women_area, place.is_handicraft, place.earns,
        place.spends, place.discounts, place.instalments, place.night_rial, tuple(place.languages), place.confirmed_at, place.source, place.licence,
        page.told_at if page else None, page.priced_at if page else None, updating_of(page, now),
    )  # fmt: skip
