"""What the holder saved by the card: by months or trips, and purchase by purchase."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct, field

from cardbank.families.queries import members_seen
from cardbank.statements import LONGEST_PERIOD
from identity.errors import NotTheirHelper
from identity.permissions import Permission
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.queries import branch_names_of_terminals
from merchants.savings import rules
from merchants.savings.queries import savings as savings_of
from merchants.savings.rules import By, Saving, Sums
from mobile_api.contract import operation
from mobile_api.holders import Whose, person_of, wallets_of
from mobile_api.shapes import Cursor, Id, Instant, Rial

TAG = "Purses"
VIEW = Permission.CARDBANK_STATEMENT_VIEW
A_PAGE = 25


class Saved(Struct):
    """`saved_rial` is by card prices, by discounts and by credit that paid; credit that was earned is for another time and no part of it."""

    purchases: int
    saved_rial: Rial
    by_card_prices_rial: Rial
    by_discounts_rial: Rial
    by_credit_rial: Rial
    credit_earned_rial: Rial


class SavedPeriod(Struct):
    """A Jalali month, or a trip from its first purchase to its last; a trip ends with a week without one."""

    first: date = field(name="from")
    last: date = field(name="to")
    saved: Saved


class Savings(Struct):
    wallet: int
    first: date = field(name="from")
    last: date = field(name="to")
    saved: Saved
    periods: list[SavedPeriod]


class SavedPurchase(Struct):
    """`entry` is null where a discount card was shown and cash paid; `returned_rial` saves nothing any more."""

    entry: str | None
    at: Instant
    shop: str | None
    paid_rial: Rial
    returned_rial: Rial
    saved: Saved


class SavedPurchases(Struct):
    """`saved` is of the whole period, `purchases` a page of it."""

    saved: Saved
    purchases: list[SavedPurchase]
    next: str | None


class AskedSavings(Whose):
    wallet: Annotated[Id | None, Meta(description="That of the newest card if left out.")] = None
    by: By = By.MONTH


class AskedPurchases(Whose):
    first: Annotated[date | None, Meta(description="A year before `to` if left out.")] = field(default=None, name="from")
    last: Annotated[date | None, Meta(description="Today if left out.")] = field(default=None, name="to")
    wallet: Annotated[Id | None, Meta(description="That of the newest card if left out.")] = None
    cursor: Cursor | None = None


_AT = datetime(2026, 11, 22, 11, 2, 52, tzinfo=UTC)
_SAVED = Saved(1, 40_000, 20_000, 12_000, 8_000, 4_375)


@operation(
    "GET", "/savings", tag=TAG, permission=VIEW, errors=(NotFound, NotTheirHelper),
    gives=Savings(44, date(2025, 11, 21), date(2026, 11, 22), _SAVED, [SavedPeriod(date(2026, 11, 22), date(2026, 12, 21), _SAVED)]),
)  # fmt: skip
def savings(visit: Visit, query: AskedSavings) -> Savings:
    """A year of one wallet, by months or by trips, the newest first."""
    last = local_day(clock.now())
    wallet_id, found = _found(visit, query, query.wallet, last - LONGEST_PERIOD, last)
    told = [SavedPeriod(one.first, one.last, _saved(one.sums)) for one in rules.periods(found, query.by)]
    return Savings(wallet_id, last - LONGEST_PERIOD, last, _saved(rules.total(found)), told)


@operation(
    "GET", "/savings/purchases", tag=TAG, permission=VIEW, errors=(NotFound, NotTheirHelper),
    gives=SavedPurchases(_SAVED, [SavedPurchase("2026-11-22-2048", _AT, "کتاب‌فروشی نمونه", 368_000, 0, _SAVED)], None),
)  # fmt: skip
def saved_purchases(visit: Visit, query: AskedPurchases) -> SavedPurchases:
    """The purchases between two days, the newest first, with what each saved. Their sum is that of the period."""
    last = query.last or local_day(clock.now())
    first = query.first or date.fromordinal(max(1, last.toordinal() - LONGEST_PERIOD.days))
    if not timedelta(0) <= last - first <= LONGEST_PERIOD:
        raise BadInput(field="from")
    _, found = _found(visit, query, query.wallet, first, last)
    begins = _place(found, query.cursor) if query.cursor else 0
    page = found[begins : begins + A_PAGE]
    shops = branch_names_of_terminals(visit.session, {one.terminal_id for one in page if one.terminal_id}) if page else {}
    told = [_purchase(one, in_language(shops.get(one.terminal_id or 0, {}), visit.language) or None) for one in page]
    return SavedPurchases(_saved(rules.total(found)), told, _name(page[-1]) if len(found) > begins + A_PAGE else None)


def _found(visit: Visit, whose: Whose, asked: int | None, first: date, last: date) -> tuple[int, list[Saving]]:
    """Raises NotFound for another's wallet."""
    person_id = person_of(visit, whose)
    held = wallets_of(visit, person_id)
    wallet_id = next(iter(held), 0) if asked is None else asked
    if wallet_id not in held:
        raise NotFound(wallet=wallet_id)
    without_money = [card.card_id for card in held[wallet_id] if not card.holds_money]
    members = members_seen(visit.session, person_id, wallet_id)
    return wallet_id, savings_of(visit.session, wallet_id, without_money, first, last, members=members)


def _place(found: list[Saving], cursor: str) -> int:
    """Where the page after `cursor` begins. Raises BadInput for one that names no purchase of the period."""
    names = [_name(one) for one in found]
    if cursor not in names:
        raise BadInput(field="cursor")
    return names.index(cursor) + 1


def _name(one: Saving) -> str:
    return f"{one.business_date.isoformat()}-{one.entry_id}" if one.entry_id else one.decided_at.isoformat()


def _purchase(one: Saving, shop: str | None) -> SavedPurchase:
    entry = _name(one) if one.entry_id else None
    return SavedPurchase(entry, one.decided_at, shop, one.paid_rial, one.returned_rial, _saved(one.sums))


def _saved(sums: Sums) -> Saved:
    return Saved(sums.purchases, sums.saved_rial, sums.prices_rial, sums.discounts_rial, sums.credit_rial, sums.earned_rial)
