"""Who gets how much of a quota, and how its amounts hang together. Pure; days are given, amounts are thousandths of a unit."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from merchants.catalogue.errors import WrongQuantity
from merchants.catalogue.rules.quantities import WHOLE, quantity_text, typed_quantity
from merchants.quotas.errors import MoreThanFree, MoreThanShare, ShopGetsNone, WindowClosed, WrongQuota

LONGEST_NAME = 80
LONGEST_NOTE = 200
LONGEST_DOCUMENT = 40
LONGEST_PERIOD = timedelta(days=2 * 366)
MOST_PRICE_RIAL = 10**12


class Unit(StrEnum):
    KILOGRAM = "kilogram"
    LITRE = "litre"
    SACK = "sack"
    CYLINDER = "cylinder"
    PACK = "pack"
    PIECE = "piece"


COUNTED = frozenset({Unit.SACK, Unit.CYLINDER, Unit.PACK, Unit.PIECE})


class Way(StrEnum):
    """How a round finds what each shop gets."""

    EQUAL = "equal"
    SIZE = "size"
    AMOUNT = "amount"


class LeftOut(StrEnum):
    """Why a shop gets none."""

    SUSPENDED = "suspended"
    CLOSED = "closed"
    LICENCE_ENDED = "licence_ended"
    TOO_SMALL = "too_small"  # its part comes to less than one step


class Receipt(StrEnum):
    """A hand-out, from the desk to the shop's word or paper for it."""

    GIVEN = "given"
    CONFIRMED = "confirmed"
    TAKEN_BACK = "taken_back"


class Share(Struct, frozen=True):
    """One shop's part of a round. Amount = handed + left + fallen."""

    amount: int
    handed: int = 0
    fallen: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.handed - self.fallen

    def given(self, amount: int) -> "Share":
        """After a hand-out. Raises MoreThanShare, also for nothing."""
        if not 0 < amount <= self.left:
            raise MoreThanShare(field="amount", left=quantity_text(self.left))
        return Share(self.amount, self.handed + amount, self.fallen)

    def taken_back(self, amount: int, *, is_over: bool) -> "Share":
        """After a hand-out that was a mistake; where the window is over the goods fall back at once."""
        return Share(self.amount, self.handed - amount, self.fallen + (amount if is_over else 0))

    def over(self) -> "Share":
        """After the end of the window."""
        return Share(self.amount, self.handed, self.fallen + self.left)


class Standing(Struct, frozen=True):
    """A quota and all its shares, added up."""

    whole: int
    allotted: int
    handed: int
    fallen: int

    @property
    def left(self) -> int:
        """What shops may still take."""
        return self.allotted - self.handed - self.fallen

    @property
    def free(self) -> int:
        """What may be shared out: it never was, or it fell back."""
        return self.whole - self.allotted + self.fallen


def standing(whole: int, shares: Iterable[Share]) -> Standing:
    allotted = handed = fallen = 0
    for share in shares:
        allotted, handed, fallen = allotted + share.amount, handed + share.handed, fallen + share.fallen
    return Standing(whole, allotted, handed, fallen)


def share_out(total: int, step: int, sizes: Sequence[int]) -> list[int]:
    """`total` in proportion to `sizes`, each part rounded down to whole steps; steps that are left over go to those whose part was
    rounded down most, the first of equals first. Less than a step stays undivided.
    """
    weight = sum(sizes)
    if not weight:
        return [0] * len(sizes)
    steps = total // step
    parts = [steps * size // weight for size in sizes]
    by_rest = sorted(range(len(sizes)), key=lambda n: (-(steps * sizes[n] % weight), n))
    for n in by_rest[: steps - sum(parts)]:
        parts[n] += 1
    return [part * step for part in parts]


def left_out(status: str, licence_expires_on: date | None, today: date) -> LeftOut | None:
    """Why a shop gets none today. A licence holds on its last day; a shop whose licence the union never wrote down is not left out."""
    if status != "active":
        return LeftOut(status)
    if licence_expires_on is not None and licence_expires_on < today:
        return LeftOut.LICENCE_ENDED
    return None


def check_may_take(status: str, licence_expires_on: date | None, today: date) -> None:
    """Raises ShopGetsNone."""
    why = left_out(status, licence_expires_on, today)
    if why is not None:
        raise ShopGetsNone(fault=why.value)


def check_window(opens_on: date, until: date, today: date) -> None:
    """Raises WindowClosed."""
    if not opens_on <= today <= until:
        raise WindowClosed(fault="early" if today < opens_on else "over")


def check_free(amount: int, free: int, field: str = "amount") -> None:
    """Raises MoreThanFree, also for nothing."""
    if not 0 < amount <= free:
        raise MoreThanFree(field=field, free=quantity_text(max(0, free)))


def check_quota(names: dict[str, str], unit: str, price_rial: int | None, starts_on: date, ends_on: date, today: date) -> None:
    """Raises WrongQuota that names the field."""
    faults = (
        ("name_fa", not 0 < len(names.get("fa", "")) <= LONGEST_NAME),
        ("name_en", len(names.get("en", "")) > LONGEST_NAME),
        ("unit", unit not in set(Unit)),
        ("price", price_rial is not None and not 0 < price_rial <= MOST_PRICE_RIAL),
        ("ends_on", not max(starts_on, today) <= ends_on <= starts_on + LONGEST_PERIOD),
    )
    _raise_first(faults)


def check_round(opens_on: date, until: date, step: int, ends_on: date, today: date) -> None:
    """A round begins today or later and ends within the quota's period. Raises WrongQuota."""
    _raise_first((
        ("opens_on", not today <= opens_on <= ends_on),
        ("until", not opens_on <= until <= ends_on),
        ("step", step <= 0),
    ))  # fmt: skip


def check_longer(ends_on: date, wanted: date, starts_on: date) -> None:
    """Raises WrongQuota."""
    _raise_first((("longer", not ends_on < wanted <= starts_on + LONGEST_PERIOD),))


def check_document(document: str) -> None:
    """Raises WrongQuota."""
    _raise_first((("document", not 0 < len(document) <= LONGEST_DOCUMENT),))


def check_why(why: str) -> None:
    """Raises WrongQuota."""
    _raise_first((("why", not 0 < len(why) <= LONGEST_NOTE),))


def typed_amount(typed: str, unit: str, field: str) -> int:
    """Raises WrongQuota: not a number, or a part of what is counted."""
    try:
        milli = typed_quantity(typed, "", field)
    except WrongQuantity:
        raise WrongQuota(field=field, fault="unread") from None
    if unit in COUNTED and milli % WHOLE:
        raise WrongQuota(field=field, fault="whole")
    return milli


def _raise_first(faults: Iterable[tuple[str, bool]]) -> None:
    for field, is_wrong in faults:
        if is_wrong:
            raise WrongQuota(field=field, fault=field)
