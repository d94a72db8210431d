"""The shops of a map as GeoJSON: one by one while they are few, gathered by the database where they are crowded."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from identity.visits import Visit
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.shops_on_map import (
    ShopCluster,
    ShopOnMap,
    box_of_shops,
    count_shops,
    shop_clusters,
    shops_in_box,
    shops_of_branches,
)
from places.rules import Box, typed_box
from portal.blueprint import blueprint

MOST_DOTS = 400
KEPT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Overview:
    """All shops at a glance; `clusters` is empty where a map can show each of them."""

    shops: int
    box: Box | None
    clusters: list[ShopCluster]


class Overviews:
    """A crowded city is read at most once a minute however many look on; one of few shops each time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Overview | None = None
        self._read_at = 0.0

    def now(self, session: Session) -> Overview:
        with self._lock:
            if self._kept is not None and time.monotonic() - self._read_at <= KEPT_SECONDS:
                return self._kept
            read = _read(session)
            self._kept, self._read_at = (read if read.clusters else None), time.monotonic()
            return read


def _read(session: Session) -> Overview:
    shops, box = count_shops(session), box_of_shops(session)
    return Overview(shops, box, shop_clusters(session, box) if box and shops > MOST_DOTS else [])


overviews = Overviews()


@route(blueprint, "/shops/map.json", signed_in=True)
def shops_of_box(visit: Visit) -> ResponseReturnValue:
    """The shops of `box` (west,south,east,north), or of everywhere.

    `whole` says that each shop there is stands in the answer, so that the map need not ask again.
    """
    asked = request.args.get("box", "")
    told = _of_box(visit, typed_box(asked)) if asked else _of_everywhere(visit)
    answer = jsonify(type="FeatureCollection", **told)
    answer.mimetype = "application/geo+json"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


def _of_box(visit: Visit, box: Box) -> dict[str, Any]:
    shops = shops_in_box(visit.session, box, most=MOST_DOTS + 1)
    if len(shops) <= MOST_DOTS:
        return {"whole": False, "bbox": box, "features": _dots(visit, shops)}
    seen = overviews.now(visit.session)
    is_all = bool(seen.clusters) and seen.box is not None and box.holds(seen.box)
    clusters = seen.clusters if is_all else shop_clusters(visit.session, box)
    return {"whole": False, "bbox": box, "features": _gathered(visit, clusters)}


def _of_everywhere(visit: Visit) -> dict[str, Any]:
    seen = overviews.now(visit.session)
    if seen.box is None:
        return {"whole": True, "features": []}
    if seen.clusters:
        return {"whole": False, "bbox": seen.box, "features": _gathered(visit, seen.clusters)}
    shops = shops_in_box(visit.session, seen.box, most=MOST_DOTS)
    return {"whole": True, "bbox": seen.box, "features": _dots(visit, shops)}


def _gathered(visit: Visit, clusters: list[ShopCluster]) -> list[dict[str, Any]]:
    """Who stands alone in a cell keeps the own name."""
    alone = shops_of_branches(visit.session, [one.branch_id for one in clusters if one.branch_id is not None])
    crowds = sorted((one for one in clusters if one.branch_id is None), key=lambda one: (one.lon, one.lat))
    return _dots(visit, alone) + [_feature(one.lon, one.lat, count=one.shops) for one in crowds]


def _dots(visit: Visit, shops: Iterable[ShopOnMap]) -> list[dict[str, Any]]:
    """Only shops with a terminal are open. Always in one order, so that an unchanged map has an unchanged tag."""
    return [
        _feature(shop.lon, shop.lat, name=in_language(shop.names, visit.language), open=bool(shop.terminal_codes))
        for shop in sorted(shops, key=lambda shop: shop.branch_id)
    ]


def _feature(lon: float, lat: float, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}
