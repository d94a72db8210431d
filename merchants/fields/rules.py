"""What a field of a shop's own may be, and what may be said in one. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from kernel.text import latin_digits, search_key
from merchants.fields.errors import WrongField, WrongValue
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day

MOST_FIELDS = 12
LONGEST_NAME = 40
LONGEST_TEXT = 200
MOST_CHOICES, LONGEST_CHOICE = 12, 40
PREFIX = "own_"
YES, NO = "yes", "no"
_YES = frozenset(map(search_key, ("yes", "y", "1", "true", "بله", "بلی", "آری", "دارد", "هست", "نعم")))
_NO = frozenset(map(search_key, ("no", "n", "0", "false", "خیر", "نه", "ندارد", "نیست", "لا")))


class Subject(StrEnum):
    PRODUCT = "product"
    PAGE = "page"


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class OwnField(Struct, frozen=True):
    id: int
    subject: Subject
    names: dict[str, str]
    kind: FieldKind
    choices: tuple[str, ...] = ()
    is_public: bool = False
    is_on_label: bool = False

    @property
    def key(self) -> str:
        """What the field is called in a form, and its column in a list."""
        return f"{PREFIX}{self.id}"


class Definition(Struct, frozen=True):
    """A field as its form has it."""

    subject: Subject
    names: dict[str, str]
    kind: FieldKind
    choices: tuple[str, ...]
    is_public: bool
    is_on_label: bool


def typed_definition(typed: Mapping[str, str]) -> Definition:
    """Raises WrongField."""
    subject, kind = typed.get("subject", ""), typed.get("kind", "")
    if subject not in set(Subject):
        raise WrongField(field="subject")
    if kind not in set(FieldKind):
        raise WrongField(field="kind")
    names = {one: _line(typed.get(f"name_{one}", "")) for one in ("fa", "en")}
    for one, name in names.items():
        if len(name) > LONGEST_NAME or (one == "fa" and not re.search(r"[^\W\d_]", name)):
            raise WrongField(field=f"name_{one}", fault="name", most=LONGEST_NAME)
    choices = typed_choices(typed.get("choices", "")) if kind == FieldKind.CHOICE else ()
    is_label = subject == Subject.PRODUCT and typed.get("is_on_label") == "1"
    given = {one: name for one, name in names.items() if name}
    return Definition(Subject(subject), given, FieldKind(kind), choices, typed.get("is_public") == "1", is_label)


def typed_choices(typed: str) -> tuple[str, ...]:
    """One a line, each once. Raises WrongField."""
    found = {search_key(line): line for one in typed.splitlines() if (line := _line(one))}
    if not 2 <= len(found) <= MOST_CHOICES or max(map(len, found.values())) > LONGEST_CHOICE:
        raise WrongField(field="choices", fault="choices", most=MOST_CHOICES, longest=LONGEST_CHOICE)
    return tuple(found.values())


def check_new(wanted: Definition, standing: Collection[OwnField], reserved: Iterable[str] = ()) -> None:
    """`reserved` are headings that a list of goods has already. Raises WrongField."""
    if len(standing) >= MOST_FIELDS:
        raise WrongField(field="name_fa", fault="most", most=MOST_FIELDS)
    taken = {search_key(name) for one in standing for name in one.names.values()} | set(map(search_key, reserved))
    for language, name in wanted.names.items():
        if search_key(name) in taken:
            raise WrongField(field=f"name_{language}", fault="taken")


def typed_value(field: OwnField, typed: str) -> str:
    """In its one form; empty where nothing is typed. Raises WrongValue."""
    text = _line(typed)
    if not text:
        return ""
    fault = WrongValue(
        field=field.key, fault=field.kind.value, name=field.names["fa"], choices="، ".join(field.choices), most=LONGEST_TEXT
    )
    match field.kind:
        case FieldKind.TEXT:
            value = text if len(text) <= LONGEST_TEXT else ""
        case FieldKind.NUMBER:
            value = _number(text)
        case FieldKind.DATE:
            value = _day(text)
        case FieldKind.CHOICE:
            value = next((one for one in field.choices if search_key(one) == search_key(text)), "")
        case FieldKind.YES_NO:
            value = YES if search_key(text) in _YES else NO if search_key(text) in _NO else ""
    if not value:
        raise fault
    return value


def typed_values(fields: Iterable[OwnField], typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, WrongValue]]:
    """What a form says in these fields, by the field's id, and what is wrong with it by the form's field."""
    values: dict[str, str] = {}
    faults: dict[str, WrongValue] = {}
    for field in fields:
        try:
            value = typed_value(field, typed.get(field.key, ""))
        except WrongValue as fault:
            faults[field.key] = fault
        else:
            if value:
                values[str(field.id)] = value
    return values, faults


def said(fields: Iterable[OwnField], values: Mapping[str, str]) -> list[tuple[OwnField, str]]:
    """The fields in which something is said, in their order."""
    return [(field, values[str(field.id)]) for field in fields if values.get(str(field.id))]


def _line(typed: str) -> str:
    return " ".join(typed.split())


def _number(text: str) -> str:
    """At most twelve digits and three after the point; separators of thousands are left out."""
    plain = re.sub(r"[\s,\u200c]", "", latin_digits(text))
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,3})?", plain):
        return ""
    return f"{Decimal(plain).normalize():f}"


def _day(text: str) -> str:
    try:
        return typed_day(text, "day").isoformat()
    except WrongDay:
        return ""
