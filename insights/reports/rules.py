"""What a report is, who may look how closely, and which groups are too small to show. Pure; amounts are whole Rial."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

import jdatetime

from identity.permissions import PLATFORM_ROLES, Identity, Permission, Role
from insights.reports.errors import TooFewShops, WrongGrouping, WrongPeriod
from insights.rules import SMALLEST_CELL, cover
from kernel.calendar import jalali

LONGEST_DAYS = 366
LEAST_SHOPS = 3  # in two, each shop would know the other's figure from the sum


class Report(StrEnum):
    SALES = "sales"
    PAYOUTS = "payouts"
    CARDS = "cards"
    GOODS = "goods"
    SHOPS = "shops"
    GROUPS = "groups"


class By(StrEnum):
    DAY = "day"
    MONTH = "month"
    SHOP = "shop"
    BRANCH = "branch"
    TERMINAL = "terminal"
    KIND = "kind"
    RECEIPT = "receipt"
    STATE = "state"
    PRODUCT = "product"
    OPERATOR = "operator"
    GOOD = "good"
    GOODS_GROUP = "goods_group"
    CASHIER = "cashier"
    CUSTOMER = "customer"
    GROUP = "group"


# Columns of each report; the last part of a name says what it counts: entries or Rial.
COLUMNS: dict[Report, tuple[str, ...]] = {
    Report.SALES: (
        "sale_entries", "sales_rial", "returns_rial", "reversals_rial", "cash_rial", "commission_rial", "net_rial",
        "credit_used_rial", "credit_given_rial", "discount_rial",
    ),
    Report.PAYOUTS: (
        "statement_entries", "due_rial", "payout_rial", "paid_rial", "sent_rial", "returned_rial", "owing_rial", "waiting_rial",
    ),
    Report.GOODS: (
        "intake_rial", "sold_rial", "back_rial", "difference_rial", "loss_rial", "gift_rial", "stock_rial", "price_entries",
        "point_entries",
    ),
    Report.CARDS: ("card_entries", "active_entries", "blocked_entries", "closed_entries", "holder_entries"),
    Report.SHOPS: ("joined_entries", "active_entries", "branch_entries", "post_entries", "brought_rial"),
    Report.GROUPS: ("came_entries", "left_entries", "growth_entries"),
}  # fmt: skip
# Columns of the groupings that count something else than their report does.
OWN_COLUMNS: dict[tuple[Report, By], tuple[str, ...]] = {
    (Report.SALES, By.GOOD): (
        "piece_entries", "sales_rial", "returns_rial", "reversals_rial", "money_rial", "credit_used_rial", "credit_given_rial",
        "point_entries",
    ),
    (Report.SALES, By.CASHIER): (
        "sale_entries", "sales_rial", "returns_rial", "reversals_rial", "cash_rial", "card_rial", "credit_used_rial",
        "gift_used_rial", "credit_given_rial",
    ),
    (Report.SALES, By.CUSTOMER): (
        "customer_entries", "sale_entries", "sales_rial", "returns_rial", "reversals_rial", "credit_used_rial", "others_credit_rial",
        "benefit_used_rial", "credit_given_rial",
    ),
}  # fmt: skip
GROUPINGS: dict[Report, tuple[By, ...]] = {
    Report.SALES: (By.DAY, By.MONTH, By.SHOP, By.BRANCH, By.TERMINAL, By.CASHIER, By.GOOD, By.CUSTOMER, By.KIND, By.RECEIPT),
    Report.PAYOUTS: (By.DAY, By.MONTH, By.SHOP, By.STATE),
    Report.GOODS: (By.GOOD, By.GOODS_GROUP, By.BRANCH),
    Report.CARDS: (By.STATE, By.PRODUCT, By.DAY, By.MONTH, By.BRANCH, By.OPERATOR),
    Report.SHOPS: (By.MONTH, By.KIND),
    Report.GROUPS: (By.GROUP, By.DAY, By.MONTH),
}
POOLED_GROUPINGS: dict[Report, tuple[By, ...]] = {
    Report.SALES: (By.DAY, By.MONTH),
    Report.PAYOUTS: (By.DAY, By.MONTH),
    Report.SHOPS: (By.MONTH, By.KIND),
}
# Columns of sums over several shops: what could be computed from more of them would be one shop's.
POOLED_COLUMNS: dict[Report, tuple[str, ...]] = {
    Report.SALES: ("sale_entries", "sales_rial"),
    Report.PAYOUTS: ("statement_entries", "payout_rial"),
    Report.SHOPS: ("joined_entries", "active_entries", "branch_entries", "post_entries"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a report is made; `organisation_id` None is the whole platform. `is_pooled`: sums over several shops only.

    `branches` are those that a person of a shop is bound to, None where bound to none.
    """

    organisation_id: int | None
    is_pooled: bool
    branches: frozenset[int] | None = None

    def groupings(self, report: Report) -> tuple[By, ...]:
        if report is Report.SHOPS and self.organisation_id is not None and not self.is_pooled:
            return ()  # one shop is no network
        if (report is Report.CARDS and self.organisation_id is not None) or (
            report is Report.GOODS and self.organisation_id is None
        ):
            return ()
        if report in (Report.PAYOUTS, Report.GROUPS) and self.branches is not None:
            return ()  # a shop is paid, and writes to its customers, as a whole
        groupings = (POOLED_GROUPINGS if self.is_pooled else GROUPINGS).get(report, ())
        return tuple(by for by in groupings if self.organisation_id is not None or (report, by) not in OWN_COLUMNS)

    def branches_of(self, asked: "Asked") -> list[int] | None:
        """The branches whose lines an answer counts, None for all of the scope, also what no branch sold."""
        if asked.branch is None:
            return None if self.branches is None else sorted(self.branches)
        return [asked.branch] if self.branches is None or asked.branch in self.branches else []


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to see: business days from `first` to `last`, both included. Empty filters take everything."""

    report: Report
    first: date
    last: date
    by: By
    kind: str = ""
    terminal: str = ""
    branch: int | None = None
    product: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One row: `key` as the database has it, None for what was pooled. `shops` are named only where they are few."""

    key: date | int | str | None
    values: tuple[int, ...]
    shop_count: int = 0
    shops: frozenset[int] = frozenset()


def scopes_of(identity: Identity) -> list[Scope]:
    """For which organisations a person may ask for reports: shops see themselves closely, unions and a city's offices do not."""
    held = [grant for grant in identity.grants if grant.allows(Permission.INSIGHTS_REPORT_VIEW, None)]
    if any(grant.role in PLATFORM_ROLES for grant in held):
        return [Scope(None, is_pooled=False)]
    scopes = []
    for grant in held:
        is_pooled = grant.role is not Role.MERCHANT
        bound = (
            None
            if is_pooled or grant.organisation_id is None
            else identity.branches(grant.organisation_id, Permission.INSIGHTS_REPORT_VIEW)
        )
        scopes.append(Scope(grant.organisation_id, is_pooled, bound))
    return list(dict.fromkeys(scopes))


def columns_of(report: Report, by: By, *, is_pooled: bool = False) -> tuple[str, ...]:
    return POOLED_COLUMNS[report] if is_pooled else OWN_COLUMNS.get((report, by), COLUMNS[report])


def is_told(shops: int, amount_rial: int, largest_rial: Sequence[int]) -> bool:
    """Whether a sum over shops may be told; the sums of the two largest are given, the largest first."""
    return shops >= LEAST_SHOPS and cover(amount_rial, largest_rial) >= 0


def check_asked(asked: Asked, scope: Scope) -> None:
    """Raises WrongPeriod, WrongGrouping."""
    if asked.last < asked.first:
        raise WrongPeriod(field="last", fault="backwards")
    if asked.last - asked.first >= timedelta(days=LONGEST_DAYS):
        raise WrongPeriod(field="first", fault="too_long", days=LONGEST_DAYS)
    if asked.by not in scope.groupings(asked.report):
        raise WrongGrouping(field="by")


def jalali_months(first: date, last: date) -> list[tuple[date, date]]:
    """The Jalali months that a period touches, each cut to the period."""
    months = []
    while first <= last:
        year, month, _ = jalali(first)
        following = jdatetime.date(year + month // 12, month % 12 + 1, 1).togregorian()
        months.append((first, min(last, following - timedelta(days=1))))
        first = following
    return months


def summed(groups: Iterable[Group], width: int) -> tuple[int, ...]:
    """The columns added up."""
    totals = [0] * width
    for group in groups:
        totals = [total + value for total, value in zip(totals, group.values, strict=True)]
    return tuple(totals)


def pooled(groups: Sequence[Group]) -> list[Group]:
    """Groups of fewer than three shops become one, with the smallest of the others where they are still too few.

    Nothing is left out, so the sum stays what it was. Raises TooFewShops where there is no way to show anything.
    """
    small = [group for group in groups if 0 < group.shop_count < LEAST_SHOPS]
    shown = [group for group in groups if group.shop_count >= LEAST_SHOPS]
    if not small:
        return shown
    shops = frozenset().union(*(group.shops for group in small))
    if len(shops) < LEAST_SHOPS:
        if not shown:
            raise TooFewShops(least=LEAST_SHOPS)
        nearest = min(shown, key=lambda group: group.shop_count)
        shown.remove(nearest)
        small.append(replace(nearest, shops=frozenset()))
    pool = Group(None, summed(small, len(small[0].values)), max(len(shops), *(group.shop_count for group in small)))
    return [*shown, pool]


def told_of_customers(groups: Sequence[Group]) -> list[Group]:
    """New and known customers stand together where either are so few that a sum would be about somebody; the sum stays."""
    if any(0 < group.values[0] < SMALLEST_CELL for group in groups):
        return [Group(None, summed(groups, len(groups[0].values)))]
    return list(groups)
