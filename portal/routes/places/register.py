"""The register of a city's places and makers: what is documented of each, on the page and as a sheet."""

from collections.abc import Iterator
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.languages import LANGUAGES, in_language
from kernel.web.routes import route
from merchants.register.queries import RegisterRow, Sought, cities_of_register, register_page
from merchants.rules import ShopKind
from places.directory.rules import Kind
from places.history.queries import statements_of
from places.queries import zones_of_city
from portal import directory_words, formats, place_words
from portal.blueprint import blueprint
from portal.lists import check_form, table

VIEW = Permission.PLACES_REGISTER_VIEW
HERE = "portal.register"
A_PAGE = 40
SHEET_ROWS = 5_000
HAS = ("photo", "history", "licence")


@route(blueprint, "/register", permission=VIEW)
def register(visit: Visit) -> ResponseReturnValue:
    cities, today = _cities(visit), local_day(clock.now())
    sought, after = _sought(cities), request.args.get("after", 0, type=int)
    found = register_page(visit.session, sought, today, after=after, limit=A_PAGE + 1)
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after" and value}
    return render_template(
        "places/register.html",
        active=HERE,
        cities=cities,
        sought=sought,
        rows=found[:A_PAGE],
        today=today,
        zones=zones_of_city(visit.session, sought.city_id),
        kinds=Kind,
        has=HAS,
        asked=asked,
        sheet_rows=SHEET_ROWS,
        after=after,
        older=url_for(HERE, **asked, after=found[A_PAGE - 1].place.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, **asked) if after else None,
    )


@route(blueprint, "/register/sheet.<form>", permission=VIEW)
def register_sheet(visit: Visit, form: str) -> ResponseReturnValue:
    """What the page asks for, from where it stands on; each record keeps the source and licence of what is said of it."""
    check_form(form)
    cities = _cities(visit)
    sought, after = _sought(cities), request.args.get("after", 0, type=int)
    rows = register_page(visit.session, sought, local_day(clock.now()), after=after, limit=SHEET_ROWS)
    if not rows:
        return redirect(url_for(HERE), 303)
    past = statements_of(visit.session, [row.place.id for row in rows if row.statements])
    lines: list[list[str | int]] = [
        [str(title) for title in place_words.REGISTER_COLUMNS.values()],
        *_lines(rows, past, visit.language),
    ]
    return table(form, lines, f"register-{sought.city_id}", visit.language)


def _cities(visit: Visit) -> list[Any]:
    """Raises NotFound for whose office has no city."""
    found = cities_of_register(visit.session, visit.identity.organisations(VIEW))
    if not found:
        raise NotFound
    return found


def _sought(cities: list[Any]) -> Sought:
    """Raises BadInput for what no list offers."""
    args = request.args
    city = next((one for one in cities if args.get("city", "") in ("", one.code)), None)
    kind, category = args.get("kind", ""), args.get("category", "")
    if city is None or (kind and kind not in set(Kind)) or (category and category not in {*ShopKind, *place_words.CATEGORIES}):
        raise BadInput(field="city" if city is None else "kind")
    has = tuple((name, args[name] == "1") for name in HAS if args.get(name) in ("1", "0"))
    return Sought(
        city.id, args.get("q", "").strip()[:80], kind, category, args.get("zone", type=int), args.get("handicraft") == "1", has
    )


def _lines(rows: list[RegisterRow], past: dict[int, list[Any]], language: str) -> Iterator[list[str | int]]:
    for row in rows:
        place = row.place
        said = (place_words.statement_line({name: getattr(one, name) for name in _SAID}) for one in past.get(place.id, ()))
        yield [
            place.id, directory_words.kind_of(place.kind, place.category), *(place.names.get(one, "") for one in LANGUAGES),
            in_language(row.zone_names, language) if row.zone_names else "", f"{row.lat:.6f}", f"{row.lon:.6f}",
            str(place_words.FLAGS["handicraft"]) if place.is_handicraft else "", row.photos, "\n".join(said), row.licence_number or "",
            formats.day_digits(row.licence_expires_on, language) if row.licence_expires_on else "", place.source, place.licence,
            url_for("portal.place", place_id=place.id, _external=True),
        ]  # fmt: skip


_SAID = ("kind", "texts", "year", "calendar", "is_about", "source", "licence")
