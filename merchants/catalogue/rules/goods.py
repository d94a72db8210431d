"""What a product's words may be, and the opaque codes by which loyalty rules know it. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kernel.errors import DomainError
from kernel.languages import LANGUAGES
from kernel.text import latin_digits, search_key
from merchants.catalogue.errors import UnknownGroup, UnknownMark, WrongAttributes, WrongPoints
from merchants.catalogue.rules.barcodes import Code, typed_code
from merchants.catalogue.rules.quantities import Unit, typed_unit
from merchants.fields.rules import OwnField, typed_values
from merchants.onboarding.rules import typed_name

MOST_NAME = 120
MOST_GROUP_NAME = 60
MOST_POINTS = 1_000_000
MOST_DEPTH = 5
MOST_ATTRIBUTES = 8
MOST_ATTRIBUTE = 40
MOST_SEARCH = 400


class Mark(StrEnum):
    IRANIAN = "iranian"
    HANDICRAFT = "handicraft"
    CULTURAL = "cultural"


@dataclass(frozen=True, slots=True)
class Goods:
    """What a shop says of a product. Without a code it gets one of the shop's own."""

    names: dict[str, str]
    code: Code | None
    unit: Unit
    points: int
    marks: list[str]
    attributes: dict[str, str]
    group_id: int | None
    trade_group_id: int | None
    is_stocked: bool = True
    fields: dict[str, str] = field(default_factory=dict)


def typed_names(typed: Mapping[str, str], field: str, most: int = MOST_NAME) -> dict[str, str]:
    """`name_fa` and so on as language → text; Persian is needed. Raises NameMissing for `<field>_<language>`."""
    given = {language: typed.get(f"{field}_{language}", "") for language in LANGUAGES}
    return {
        language: typed_name(text, f"{field}_{language}", most)
        for language, text in given.items()
        if text.strip() or language == "fa"
    }


def typed_points(typed: str) -> int:
    """Whole points of one unit, none where nothing is typed. Raises WrongPoints."""
    text = re.sub(r"[\s,\u200c]", "", latin_digits(typed))
    if not re.fullmatch(r"[0-9]{0,7}", text) or int(text or 0) > MOST_POINTS:
        raise WrongPoints(field="points", most=MOST_POINTS)
    return int(text or 0)


def typed_marks(typed: Iterable[str]) -> list[str]:
    """In one order, each once. Raises UnknownMark."""
    given = set(typed)
    if not given <= set(Mark):
        raise UnknownMark(field="marks")
    return [mark.value for mark in Mark if mark in given]


def typed_attributes(typed: str) -> dict[str, str]:
    """A line for each: `size: S`. Raises WrongAttributes."""
    found = {}
    for line in filter(str.strip, typed.splitlines()):
        name, value = (" ".join(part.split()) for part in line.partition(":")[::2])
        if not (name and value) or max(len(name), len(value)) > MOST_ATTRIBUTE:
            raise WrongAttributes(field="attributes", most=MOST_ATTRIBUTES)
        found[name] = value
    if len(found) > MOST_ATTRIBUTES:
        raise WrongAttributes(field="attributes", most=MOST_ATTRIBUTES)
    return found


def typed_id(typed: str, field: str) -> int | None:
    """The id of a chosen option, None for the empty one. Raises UnknownGroup."""
    if not re.fullmatch(r"[0-9]{0,17}", typed, re.ASCII):
        raise UnknownGroup(field=field)
    return int(typed) if typed else None


def read_goods(typed: Mapping[str, str], own: Iterable[OwnField] = ()) -> tuple[Goods | None, dict[str, DomainError]]:
    """A product's form with the shop's `own` fields, and what is wrong with it by field; nothing of it where anything is wrong."""
    read: dict[str, Callable[[], Any]] = {
        "names": lambda: typed_names(typed, "name"),
        "code": lambda: typed_code(typed["code"]) if typed.get("code", "").strip() else None,
        "unit": lambda: typed_unit(typed.get("unit", Unit.PIECE)),
        "points": lambda: typed_points(typed.get("points", "")),
        "marks": lambda: typed_marks(mark for mark in Mark if typed.get(f"mark_{mark}")),
        "attributes": lambda: typed_attributes(typed.get("attributes", "")),
        "group_id": lambda: typed_id(typed.get("group_id", ""), "group_id"),
        "trade_group_id": lambda: typed_id(typed.get("trade_group_id", ""), "trade_group_id"),
    }
    values: dict[str, Any] = {}
    said, wrong = typed_values(own, typed)
    faults: dict[str, DomainError] = {**wrong}
    for name, reading in read.items():
        try:
            values[name] = reading()
        except DomainError as fault:
            faults[str(fault.facts.get("field", name))] = fault
    return (None if faults else Goods(**values, is_stocked=not typed.get("is_unstocked"), fields=said)), faults


def search_text(names: Mapping[str, str], code: str, attributes: Mapping[str, str], said: Iterable[str] = ()) -> str:
    """One folded line of everything a product is searched by; the Persian name stands first, so that lists are in its order."""
    parts = [names.get("fa", ""), *(text for language, text in names.items() if language != "fa"), code]
    parts += [f"{name} {value}" for name, value in attributes.items()]
    return search_key(" ".join((*parts, *said)))[:MOST_SEARCH]


def loyalty_codes(merchant_id: int, product_id: int, group_path: Iterable[int], marks: Iterable[str]) -> tuple[str, ...]:
    """What a rule of a club may name: the product, its groups, its marks, its shop."""
    groups = [f"group:{group}" for group in group_path]
    return f"product:{product_id}", *groups, *(f"mark:{mark}" for mark in marks), f"shop:{merchant_id}"
