from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.ledger.types import EntryKind
from kernel.calendar import TEHRAN, jalali
from kernel.holidays import holiday
from merchants.settlement.errors import WrongSheba
from merchants.settlement.rules.bank_days import closed_because, expected_at
from merchants.settlement.rules.prices import (
    Bearer,
    Part,
    Share,
    Term,
    Totals,
    charges,
    charges_back,
    commission,
    part_of,
    shares_of,
    term_at,
    tiers_of,
)
from merchants.settlement.rules.sheba import (
    bank_of_sheba,
    is_same_name,
    is_sample,
    make_sheba,
    masked,
    sheba_of,
)

START = datetime(2026, 11, 22, tzinfo=UTC)
SHEBA = "IR580540105180021273113007"  # a published example, bank 054


def term(basis_points: int, most_rial: int | None = None, *, days: int = 0, number: int = 1) -> Term:
    return Term(number, START + timedelta(days=days), basis_points, most_rial, Bearer.SHOP)


@pytest.mark.parametrize(
    ("amount", "basis_points", "most", "charged"),
    [
        (100_000, 150, None, 1_500),
        (66, 150, None, 0),
        (67, 150, None, 1),
        (10**15, 10_000, 5, 5),
        (0, 150, None, 0),
        (9, 0, None, 0),
    ],
)
def test_commission_is_a_share_rounded_down_to_the_rial(amount: int, basis_points: int, most: int | None, charged: int) -> None:
    assert commission(amount, term(basis_points, most)) == charged
    assert commission(amount, None) == 0


@given(
    sold=st.integers(1, 10**12),
    shares=st.lists(st.integers(1, 10**6), max_size=6),
    basis_points=st.integers(0, 10_000),
    most=st.none() | st.integers(1, 10**9),
)
def test_part_returns_give_back_exactly_what_was_charged_for_them(
    sold: int, shares: list[int], basis_points: int, most: int | None
) -> None:
    agreed, returned, charged = term(basis_points, most), 0, commission(sold, term(basis_points, most))
    whole = (Share(sold, agreed),)
    for share in shares:
        part = min(share, sold - returned)
        if not part:
            break
        back = charges_back(whole, returned, part).shop_rial
        assert -part <= back <= 0
        returned += part
        charged += back
        assert charged == commission(sold - returned, agreed)
    assert charged + charges_back(whole, returned, sold - returned).shop_rial == 0


@given(
    baskets=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 10**9)), min_size=1, max_size=8),
    backs=st.lists(st.floats(0, 1), max_size=5),
)
def test_a_basket_is_charged_by_the_term_of_each_of_its_goods_and_returns_bring_all_of_it_back(
    baskets: list[tuple[int, int]], backs: list[float]
) -> None:
    terms = [None, term(150, number=1), replace(term(700, number=2), borne_by=Bearer.NETWORK), term(20, 9_000, number=3)]
    sold = sum(amount for _, amount in baskets)
    shares = shares_of(sold, [(terms[number], amount) for number, amount in baskets])
    for share in shares:
        assert share.amount_rial == sum(amount for number, amount in baskets if terms[number] == share.term)
    charged, returned = charges(shares, sold), 0
    assert charged.network_rial == sum(commission(share.amount_rial, share.term) for share in shares if share.term == terms[2])
    left = [charged.shop_rial, charged.network_rial]
    for part in [*backs, 1.0]:
        amount = int((sold - returned) * part)
        change = charges_back(shares, returned, amount)
        left, returned = [left[0] + change.shop_rial, left[1] + change.network_rial], returned + amount
        assert left == [charges(shares, sold - returned).shop_rial, charges(shares, sold - returned).network_rial]
    last = charges_back(shares, returned, sold - returned)
    assert (left[0] + last.shop_rial, left[1] + last.network_rial) == (0, 0)


def test_the_closest_category_prices_and_what_has_ended_gives_way() -> None:
    tiers = tiers_of((3, 9), ("handicraft", "iranian"))
    assert tiers == (("group:9",), ("group:3",), ("mark:handicraft", "mark:iranian"), ("",))
    deep, above = replace(term(5, number=1), goods="group:9"), replace(term(6, number=2), goods="group:3")
    marks = [replace(term(8, number=3), goods="mark:iranian"), replace(term(7, number=4), goods="mark:handicraft")]
    usual, of_kind = term(9, number=5), [replace(term(1, number=6), goods="mark:iranian")]
    assert term_at([deep, above, *marks, usual], of_kind, START, tiers) == deep
    assert term_at([above, *marks, usual], of_kind, START, tiers) == above
    assert term_at([*marks, usual], of_kind, START, tiers) == marks[1]  # the cheaper of two marks
    assert term_at([usual], of_kind, START, tiers) == usual  # the shop's own goes before its kind's
    assert term_at([], of_kind, START, tiers) == of_kind[0]
    ended = replace(deep, ends_at=START + timedelta(days=1))
    assert term_at([ended, above], [], START + timedelta(days=1), tiers) == above
    assert term_at([deep, usual], [], START) == usual  # goods that nobody knows


def test_the_shops_own_term_goes_before_the_default_of_its_kind_and_the_latest_before_earlier_ones() -> None:
    own, of_kind = [term(10, number=1), term(20, days=2, number=2)], [term(30, days=-5, number=3)]
    assert term_at(own, of_kind, START - timedelta(seconds=1)).term_id == 3
    assert term_at(own, of_kind, START).term_id == 1
    assert term_at(own, of_kind, START + timedelta(days=2)).term_id == 2
    assert term_at((), (), START) is None


def test_what_undoes_cash_counts_as_cash() -> None:
    assert part_of(EntryKind.REVERSAL, Part.CASH) is Part.CASH
    assert part_of(EntryKind.REVERSAL, Part.SALE) is Part.REVERSAL
    assert part_of(EntryKind.VOID, Part.SALE) is Part.REVERSAL
    assert part_of(EntryKind.VOID, Part.RETURN) is part_of(EntryKind.REVERSAL, Part.RETURN) is Part.RETURN
    assert part_of(EntryKind.ADVICE, None) is Part.SALE
    with pytest.raises(KeyError):
        part_of(EntryKind.EXPIRY, None)


@given(
    parts=st.fixed_dictionaries({part: st.integers(-(10**12), 10**12) for part in Part}),
    commission_rial=st.integers(-(10**9), 10**9),
    carried=st.integers(-(10**9), 10**9),
    is_payable=st.booleans(),
)
def test_a_statement_pays_all_or_carries_all(parts: dict[Part, int], commission_rial: int, carried: int, is_payable: bool) -> None:
    totals = Totals(parts, commission_rial, 0, carried, is_payable)
    assert totals.payout_rial + totals.carried_rial == totals.total_rial
    assert totals.payout_rial >= 0
    assert totals.payout_rial == 0 or totals.carried_rial == 0
    assert is_payable or totals.payout_rial == 0


@pytest.mark.parametrize(
    "typed",
    [SHEBA, SHEBA[2:], "ir58 0540 1051 8002 1273 1130 07", "IR۵۸۰۵۴۰۱۰۵۱۸۰۰۲۱۲۷۳۱۱۳۰۰۷", "IR-٥٨٠٥٤٠١٠٥١٨٠٠٢١٢٧٣١١٣٠٠٧"],
)
def test_a_sheba_is_read_as_people_type_it(typed: str) -> None:
    assert sheba_of(typed) == SHEBA
    assert bank_of_sheba(SHEBA)["en"] == "Parsian"


def test_a_bank_that_is_on_no_list_is_told_by_its_code() -> None:
    assert bank_of_sheba(make_sheba("777", "1")) == {"fa": "بانک ناشناخته (کد ۷۷۷)", "en": "Unknown bank (code 777)"}


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "length"), (SHEBA[:-1], "length"), (SHEBA + "1", "length"), ("DE" + SHEBA[2:], "length"), ("IR" + "x" * 24, "length"),
        (SHEBA[:-1] + "8", "check_digits"), ("IR85" + SHEBA[4:], "check_digits"), (make_sheba("777", "1"), "bank"),
    ],
)  # fmt: skip
def test_a_wrong_sheba_is_refused_with_what_is_wrong(typed: str, fault: str) -> None:
    with pytest.raises(WrongSheba) as refused:
        sheba_of(typed)
    assert refused.value.facts == {"field": "sheba", "fault": fault}


@given(
    bank=st.sampled_from(["012", "017", "999"]),
    account=st.integers(0, 10**19 - 1),
    position=st.integers(2, 25),
    other=st.integers(1, 9),
)
def test_every_single_wrong_digit_is_found(bank: str, account: int, position: int, other: int) -> None:
    sheba = make_sheba(bank, str(account))
    assert sheba_of(sheba) == sheba
    digit = str((int(sheba[position]) + other) % 10)
    with pytest.raises(WrongSheba):
        sheba_of(sheba[:position] + digit + sheba[position + 1 :])


def test_lists_show_the_end_of_a_sheba_only() -> None:
    assert masked(SHEBA).endswith("3007")
    assert SHEBA[7:22] not in masked(SHEBA)
    assert is_sample(make_sheba("999", "1"))
    assert not is_sample(SHEBA)


def test_the_holder_is_compared_as_people_type_names() -> None:
    names = {"fa": "زعفران مشهدی", "en": "Mashhad Saffron"}
    assert is_same_name("زعفران  مشهدي", names)
    assert is_same_name("mashhad saffron", names)
    assert not is_same_name("زعفران", names)
    assert not is_same_name("  ", {"fa": ""})


def days_of(year_starts: date, days: int) -> list[date]:
    return [year_starts + timedelta(days=n) for n in range(days)]


def test_the_jalali_year_1405_has_the_official_holidays() -> None:
    """25 of them, by month as the official calendar counts them; its lunar days may each be one day off."""
    closed = [day for day in days_of(date(2026, 3, 21), 365) if holiday(day)]
    by_month = [sum(1 for day in closed if jalali(day)[1] == month) for month in range(1, 13)]
    assert len(closed) == 25
    assert by_month == [6, 0, 3, 2, 4, 1, 0, 1, 0, 2, 2, 4]
    assert sum(1 for day in closed if day.weekday() == 4) == 3
    for day in (date(2026, 5, 27), date(2026, 6, 4), date(2026, 6, 24), date(2026, 6, 25)):  # Adha, Khomeini, Tasua, Ashura
        assert holiday(day)


def test_the_leap_day_is_a_holiday() -> None:
    assert jalali(date(2025, 3, 20)) == (1403, 12, 30)
    assert holiday(date(2025, 3, 20))


@pytest.mark.parametrize(
    ("cut_off", "thursday_works", "paid_on"),
    [
        (date(2026, 11, 22), False, date(2026, 11, 23)),  # Sunday → Monday
        (date(2026, 11, 25), False, date(2026, 11, 28)),  # Wednesday → Saturday
        (date(2026, 11, 25), True, date(2026, 11, 26)),  # Wednesday → Thursday
        (date(2026, 11, 26), True, date(2026, 11, 28)),  # Thursday → Saturday
        (date(2026, 3, 20), False, date(2026, 3, 25)),  # Nowruz
        (date(2026, 6, 23), False, date(2026, 6, 27)),  # Tasua, Ashura, weekend
    ],
)
def test_payouts_arrive_by_fifteen_hours_of_the_next_bank_day(cut_off: date, thursday_works: bool, paid_on: date) -> None:
    expected = expected_at(cut_off, thursday_works=thursday_works, known={})
    assert expected == datetime(paid_on.year, paid_on.month, paid_on.day, 15, tzinfo=TEHRAN)


def test_every_day_of_the_year_is_paid_on_the_first_open_day_after_it() -> None:
    def is_open(day: date) -> bool:
        return closed_because(day, thursday_works=False, known={}) is None

    for cut_off in days_of(date(2026, 3, 21), 365):
        paid_on = expected_at(cut_off, thursday_works=False, known={}).date()
        assert is_open(paid_on)
        assert not any(is_open(cut_off + timedelta(days=n)) for n in range(1, (paid_on - cut_off).days))


def test_what_is_known_of_a_day_goes_before_the_calendar() -> None:
    moved = {date(2026, 6, 25): (True, {}), date(2026, 6, 28): (False, {"fa": "عاشورا"})}
    assert expected_at(date(2026, 6, 24), thursday_works=False, known=moved).date() == date(2026, 6, 25)
    assert expected_at(date(2026, 6, 27), thursday_works=False, known=moved).date() == date(2026, 6, 29)
    with pytest.raises(OverflowError):
        expected_at(START.date(), thursday_works=True, known={START.date() + timedelta(days=n): (False, {}) for n in range(90)})
