"""Words of a city's visitors: spans, stays, origins, and the rows of their sheets."""

from collections.abc import Iterator, Mapping, Sequence

from babel.core import get_global
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from insights.visitors.queries import Part, Visitors
from insights.visitors.rules import NIGHTS, NOT_SAID, REST, Span, Standing, Told
from kernel.sheets import Cell
from portal import formats

SPANS = {
    Span.DAY: lazy("Day"),
    Span.WEEK: lazy("Week"),
    Span.MONTH: lazy("Month"),
    Span.SEASON: lazy("Season"),
}
STANDINGS = {
    Standing.ARRIVED: lazy("Came that day"),
    Standing.HERE: lazy("On a visit already"),
    Standing.HOME: lazy("Living here"),
}
TABLES = {
    Told.DAY: lazy("City"),
    Told.ZONE: lazy("By zone"),
    Told.KIND: lazy("By kind of shop"),
    Told.HOUR: lazy("By hour and zone"),
    Told.MOVE: lazy("From zone to zone"),
    Told.STANDING: lazy("Who paid, by origin"),
    Told.SEEN: lazy("Who was seen and paid nothing, by origin"),
    Told.STAY: lazy("Stay of who paid on the first day"),
    Told.SEEN_STAY: lazy("Stay of the others"),
}
TABLES_OF_PEOPLE = (Told.DAY, Told.STANDING, Told.SEEN, Told.STAY, Told.SEEN_STAY)


def origin(code: str) -> str:
    """A country by its name in the reader's language, where the world has one for it."""
    if code == REST:
        return str(_("Too few to tell apart"))
    if code == NOT_SAID:
        return str(_("Not said"))
    [alias, *_others] = get_global("territory_aliases").get(code, [code])
    return str(get_locale().territories.get(alias, code))


def stay(least: str) -> str:
    """The nights of a class of stays, by the least of them."""
    if least == REST:
        return str(_("Too few to tell apart"))
    language = str(get_locale())
    number = NIGHTS.index(int(least))
    if number + 1 == len(NIGHTS):
        return str(_("%(count)s nights or more", count=formats.number(NIGHTS[-1], language)))
    first, last = NIGHTS[number], NIGHTS[number + 1] - 1
    if last == 0:
        return str(_("Back the same day"))
    if first == last:
        return str(_("Nights: %(count)s", count=formats.number(first, language)))
    return str(_("%(first)s to %(last)s nights", first=formats.number(first, language), last=formats.number(last, language)))


def sheet_rows(seen: Visitors, zones: Mapping[str, str], kinds: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    """Every table of a period, one row a cell; people stand where a table divides people."""
    yield [str(_(head)) for head in HEADS]
    for table, parts in seen.tables.items():
        for part in parts:
            people: Cell = part.people if table in TABLES_OF_PEOPLE else ""
            within, key = _names(table, part, zones, kinds)
            amount: Cell = "" if table is Told.MOVE else part.amount_rial
            yield [str(TABLES[table]), within, key, people, part.purchases, amount]


HEADS = (lazy("Table"), lazy("Part of"), lazy("Group"), lazy("Number of people"), lazy("Purchases"), lazy("Amount (Rial)"))


def _names(table: Told, part: Part, zones: Mapping[str, str], kinds: Mapping[str, str]) -> tuple[str, str]:
    rest = str(_("Too few to tell apart"))
    if table is Told.DAY:
        return "", ""
    if table in (Told.STAY, Told.SEEN_STAY):
        return "", stay(part.key)
    if table in (Told.STANDING, Told.SEEN):
        return str(STANDINGS[Standing(part.within)]) if part.within != REST else rest, origin(
            part.key
        ) if part.within != REST else ""
    named = {Told.ZONE: zones, Told.MOVE: zones, Told.KIND: kinds}.get(table, {})
    return zones.get(part.within, part.within), named.get(part.key, part.key) if part.key != REST else rest
