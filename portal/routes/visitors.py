"""Visitors of a city in a period: arrivals, stays, spending and flows, of one city that the person looks after."""

from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from identity.permissions import Permission
from identity.visits import Visit
from insights.rules import SMALLEST_CELL
from insights.visitors import queries
from insights.visitors.queries import Filter, Visitors
from insights.visitors.rules import LOOKS_AHEAD, REST, Period, Span, Told, period_of
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.languages import in_language
from kernel.sheets import sheet_of
from kernel.web.routes import route
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from merchants.rules import ShopKind
from places.queries import zones_of_city
from portal import formats, visitor_words, words
from portal.blueprint import blueprint
from portal.lists import MEDIA_TYPES, check_form, download
from portal.routes.city import city_of

VIEW = Permission.INSIGHTS_CITY_VIEW
FILTERS = {"zone": Told.ZONE, "kind": Told.KIND, "origin": Told.STANDING}
EARLIEST, AHEAD = date(2020, 1, 1), timedelta(days=366)
OUTSIDE = "0"  # the key of what lies in no zone
LEVELS = 5  # of the heat of an hour
MOST_ZONES = 8  # of the table of moves


@route(blueprint, "/city/visitors", permission=VIEW)
def visitors(visit: Visit) -> ResponseReturnValue:
    cities, city = city_of(visit)
    fault = ""
    try:
        period = _period(visit, request.args.get("day", ""))
    except WrongDay as wrong:
        period, fault = _period(visit, ""), words.error_sentence(wrong.code, wrong.facts)
    asked, zones = _filter(), _zones(visit, city.id)
    seen = queries.visitors(visit.session, city.id, period, asked)
    page = render_template(
        "visitors.html",
        active="portal.visitors",
        told=visitor_words,
        city=city,
        cities=[(one.code, in_language(one.names, visit.language)) for one in cities],
        seen=seen,
        asked=asked,
        show=request.args.get("show", ""),
        typed_day=request.args.get("day", "") if fault else formats.day_digits(period.first, visit.language),
        fault=fault,
        zones=zones,
        offered=_offered(seen, asked, zones),
        hours=_hours(seen, asked),
        moves=_moves(seen, asked),
        smallest_cell=SMALLEST_CELL,
        stays_after=LOOKS_AHEAD.days + 1,
        after=period.after if period.last < local_day(clock.now()) else None,
        address=lambda period: url_for("portal.visitors", **_address(city.code, period), show=request.args.get("show") or None),
        sheet_address=lambda form: url_for("portal.visitors_sheet", form=form, **_address(city.code, period)),
    )
    return page, WrongDay.status if fault else 200


@route(blueprint, "/city/visitors/sheet.<form>", permission=VIEW)
def visitors_sheet(visit: Visit, form: str) -> ResponseReturnValue:
    """All tables of the period; a filter leaves nothing out here."""
    check_form(form)
    _cities, city = city_of(visit)
    period = _period(visit, request.args.get("day", ""))
    seen = queries.visitors(visit.session, city.id, period, Filter())
    rows = visitor_words.sheet_rows(seen, _zones(visit, city.id), {kind.value: str(words.SHOP_KINDS[kind][0]) for kind in ShopKind})
    name = f"visitors-{city.code}-{period.first.isoformat()}-{period.last.isoformat()}.{form}"
    return download(sheet_of(form, rows, str(_("Visitors")), visit.language), MEDIA_TYPES[form], name)


def _period(visit: Visit, typed: str) -> Period:
    """The period that is asked for; the month of the last day that is counted if none is. Raises WrongDay, BadInput."""
    span = request.args.get("span", Span.MONTH)
    if span not in set(Span):
        raise BadInput(field="span")
    today = local_day(clock.now())
    day = typed_day(typed, "day") if typed else queries.last_counted_day(visit.session) or today
    if not EARLIEST <= day <= today + AHEAD:
        raise WrongDay(field="day")
    return period_of(Span(span), day)


def _filter() -> Filter:
    asked = request.args.get("show", "")
    table, _colon, key = asked.partition(":")
    if asked and (table not in FILTERS or not key):
        raise BadInput(field="show")
    return Filter(FILTERS[table], key) if asked else Filter()


def _zones(visit: Visit, city_id: int) -> dict[str, str]:
    """Names by the keys that cells have, what lies outside of every zone last."""
    zones = {str(zone.id): in_language(zone.names, visit.language) for zone in zones_of_city(visit.session, city_id)}
    return {**zones, OUTSIDE: str(_("Elsewhere"))}


def _offered(seen: Visitors, asked: Filter, zones: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What figures may be asked of: heading, and under it address and name of each."""
    origins = list(
        dict.fromkeys(
            [part.key for part in seen.origins if part.key != REST] + ([asked.key] if asked.table is Told.STANDING else [])
        )
    )
    return [
        (str(_("Zone")), [(f"zone:{key}", name) for key, name in zones.items()]),
        (str(_("Kind of shop")), [(f"kind:{kind.value}", str(words.SHOP_KINDS[kind][0])) for kind in ShopKind]),
        (str(_("Origin")), [(f"origin:{key}", visitor_words.origin(key)) for key in origins]),
    ]


def _hours(seen: Visitors, asked: Filter) -> list[tuple[str, list[tuple[int, int] | None], int]]:
    """Rows of the table of hours: a zone, (purchases, heat) of each hour, None where it is not told, and the zone's rest."""
    rows: dict[str, dict[str, int]] = {}
    for part in seen.tables[Told.HOUR]:
        if asked.table is None or (asked.table is Told.ZONE and asked.key == part.within):
            rows.setdefault(part.within, {})[part.key] = part.purchases
    most = max((count for row in rows.values() for key, count in row.items() if key != REST), default=1)
    return [
        (
            zone,
            [(row[hour], -(-LEVELS * row[hour] // most)) if hour in row else None for hour in map(str, range(24))],
            row.get(REST, 0),
        )
        for zone, row in sorted(rows.items(), key=lambda one: -sum(one[1].values()))
    ]


def _moves(seen: Visitors, asked: Filter) -> tuple[list[str], dict[tuple[str, str], int]]:
    """The zones that most moves lead to or from, and the moves between them."""
    moves = {
        (part.within, part.key): part.purchases
        for part in seen.tables[Told.MOVE]
        if asked.table is None or (asked.table is Told.ZONE and asked.key in (part.within, part.key))
    }
    ends = {zone for pair in moves for zone in pair}
    busiest = sorted(ends, key=lambda zone: -sum(count for pair, count in moves.items() if zone in pair))[:MOST_ZONES]
    return busiest, moves


def _address(city: str, period: Period) -> dict[str, Any]:
    return {"city": city, "span": period.span.value, "day": period.first.isoformat()}
