"""What a group may be called, what may be asked, and which numbers are too small to be told. Pure."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from kernel.languages import LANGUAGES
from kernel.text import latin_digits
from loyalty.groups.errors import WrongGroup

LONGEST_NAME = 60
LONGEST_CALLED = 80
MOST_VISITS = 1_000
MOST_DAYS = 366
CHOSEN = "chosen"  # of a letter's channel: each reader's own choice
FEWEST_TOLD = 5  # of fewer an organisation could tell who they are


class Asked(Struct, frozen=True):
    """Who bought at least `visits` times in the last `days` days; where they are given, in a city, speaking a language, holding a kind
    of card.
    """

    visits: int
    days: int
    language: str = ""
    city: str = ""
    product: str = ""


def group_name(typed: str) -> str:
    """Raises WrongGroup."""
    name = " ".join(typed.split())
    if not (2 <= len(name) <= LONGEST_NAME and any(letter.isalnum() for letter in name)):
        raise WrongGroup(field="name", most=LONGEST_NAME)
    return name


def called(typed: str) -> str:
    """How the organisation calls somebody of its list; may be left empty. Raises WrongGroup."""
    name = " ".join(typed.split())
    if len(name) > LONGEST_CALLED:
        raise WrongGroup(field="called", most=LONGEST_CALLED)
    return name


def asked_of(typed: Mapping[str, str], cities: Collection[str], products: Collection[str]) -> Asked:
    """A question as it was typed; `cities` and `products` (kinds of card) are those that may be named. Raises WrongGroup."""
    visits = _number(typed, "visits", MOST_VISITS)
    days = _number(typed, "days", MOST_DAYS)
    language, city = typed.get("language", ""), typed.get("city", "")
    if language and language not in LANGUAGES:
        raise WrongGroup(field="language")
    if city and city not in cities:
        raise WrongGroup(field="city")
    product = typed.get("product", "")
    if product and product not in products:
        raise WrongGroup(field="product")
    return Asked(visits, days, language, city, product)


def _number(typed: Mapping[str, str], field: str, most: int) -> int:
    text = latin_digits(typed.get(field, "")).replace(",", "").strip()
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise WrongGroup(field=field, most=most)
    return int(text)


def told_count(people: int, *, is_operator: bool) -> int | None:
    """How many an organisation is told; None for some, but too few to be told."""
    return people if is_operator or people == 0 or people >= FEWEST_TOLD else None
