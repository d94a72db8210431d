"""Shares of a quota add up whatever happens to them, and a division is fair to the step."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchants.quotas.errors import MoreThanFree, MoreThanShare, ShopGetsNone, WindowClosed, WrongQuota
from merchants.quotas.rules import (
    LeftOut,
    Share,
    check_free,
    check_may_take,
    check_quota,
    check_round,
    check_window,
    left_out,
    share_out,
    standing,
    typed_amount,
)

TODAY = date(2026, 11, 26)
DAY = timedelta(days=1)


@given(st.integers(0, 10**12), st.integers(1, 10**6), st.lists(st.integers(0, 10**6), max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_division_gives_whole_steps_never_more_than_there_is_and_more_to_the_larger(
    total: int, step: int, sizes: list[int]
) -> None:
    parts = share_out(total, step, sizes)
    assert all(part % step == 0 for part in parts)
    assert sum(parts) == (total // step * step if any(sizes) else 0)
    assert all(part == 0 for part, size in zip(parts, sizes, strict=True) if not size)
    for (size, part), (larger, more) in combinations(sorted(zip(sizes, parts, strict=True)), 2):
        assert part <= more or size == larger
    if len(set(sizes)) == 1:
        assert max(parts) - min(parts) <= step


acts = st.lists(st.tuples(st.sampled_from(["hand out", "take back", "over"]), st.integers(0, 4), st.integers(1, 60)), max_size=30)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5), acts)
@settings(max_examples=150, deadline=None)
def test_allotted_is_handed_and_left_and_fallen_whatever_happens(amounts: list[int], done: list[tuple[str, int, int]]) -> None:
    whole = sum(amounts) + 7
    shares, is_over = [Share(amount) for amount in amounts], False
    for act, place, amount in done:
        at = place % len(shares)
        if act == "over":
            shares, is_over = [share.over() for share in shares], True
        elif act == "hand out":
            if amount <= shares[at].left:
                shares[at] = shares[at].given(amount)
            else:
                with pytest.raises(MoreThanShare):
                    shares[at].given(amount)
        elif amount <= shares[at].handed:
            shares[at] = shares[at].taken_back(amount, is_over=is_over)
        stands = standing(whole, shares)
        assert all(share.amount == share.handed + share.left + share.fallen for share in shares)
        assert all(min(share.handed, share.left, share.fallen) >= 0 for share in shares)
        assert whole == stands.free + stands.left + stands.handed
        assert not is_over or stands.left == 0


@pytest.mark.parametrize(
    ("status", "ends_on", "why"),
    [
        ("active", None, None), ("active", TODAY, None), ("active", TODAY - DAY, LeftOut.LICENCE_ENDED),
        ("suspended", TODAY + DAY, LeftOut.SUSPENDED), ("closed", None, LeftOut.CLOSED),
    ],
)  # fmt: skip
def test_who_gets_none_is_told_why(status: str, ends_on: date | None, why: LeftOut | None) -> None:
    assert left_out(status, ends_on, TODAY) is why
    if why is not None:
        with pytest.raises(ShopGetsNone) as refusal:
            check_may_take(status, ends_on, TODAY)
        assert refusal.value.facts["fault"] == why


def test_a_window_and_a_round_have_their_days() -> None:
    check_window(TODAY, TODAY, TODAY)
    for days, fault in ((-1, "early"), (1, "over")):
        with pytest.raises(WindowClosed) as refusal:
            check_window(TODAY, TODAY, TODAY + days * DAY)
        assert refusal.value.facts["fault"] == fault
    check_round(TODAY, TODAY + DAY, 1, TODAY + DAY, TODAY)
    for opens, until, step, field in (
        (TODAY - DAY, TODAY, 1, "opens_on"), (TODAY + 3 * DAY, TODAY + 3 * DAY, 1, "opens_on"), (TODAY, TODAY + 3 * DAY, 1, "until"),
        (TODAY + DAY, TODAY, 1, "until"), (TODAY, TODAY, 0, "step"),
    ):  # fmt: skip
        with pytest.raises(WrongQuota) as wrong:
            check_round(opens, until, step, TODAY + 2 * DAY, TODAY)
        assert wrong.value.facts["field"] == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"names": {"fa": ""}}, "name_fa"), ({"names": {"fa": "x", "en": "x" * 81}}, "name_en"), ({"unit": "tin"}, "unit"),
        ({"price_rial": 0}, "price"), ({"ends_on": TODAY - DAY}, "ends_on"), ({"ends_on": TODAY + 800 * DAY}, "ends_on"),
    ],
)  # fmt: skip
def test_a_quota_is_whole(wrong: dict[str, object], field: str) -> None:
    right = {
        "names": {"fa": "آرد"},
        "unit": "sack",
        "price_rial": None,
        "starts_on": TODAY - 3 * DAY,
        "ends_on": TODAY + DAY,
        "today": TODAY,
    }
    check_quota(**right)
    with pytest.raises(WrongQuota) as refusal:
        check_quota(**right | wrong)
    assert refusal.value.facts["field"] == field


def test_amounts_are_read_as_people_write_them_and_what_is_counted_has_no_fraction() -> None:
    assert typed_amount("۴۰٬۰۰۰", "kilogram", "whole") == 40_000_000
    assert typed_amount("2/5", "kilogram", "whole") == 2_500
    for typed, unit, fault in (("2.5", "sack", "whole"), ("much", "sack", "unread"), ("", "kilogram", "unread")):
        with pytest.raises(WrongQuota) as refusal:
            typed_amount(typed, unit, "amount")
        assert refusal.value.facts["fault"] == fault
    for amount in (0, 11):
        with pytest.raises(MoreThanFree):
            check_free(amount, 10)
