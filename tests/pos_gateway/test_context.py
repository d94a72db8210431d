from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.reasons import Reason
from pos_gateway.context import Refused, check_local_time, content_hash, flow_key, key_day, nearest_instant
from pos_gateway.wire import tlv
from pos_gateway.wire.codec import Message
from pos_gateway.wire.tlv import Tag

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def purchase(mti: str = "0200", **changes: object) -> Message:
    fields: dict[int, str | bytes] = {
        3: "000000", 4: "000000150000", 7: "1122120000", 11: "000002", 41: "T0000001",
        48: tlv.encode({Tag.APPLICATION_VERSION: "1.0", Tag.KSN: bytes(12)}), 64: bytes(8),
    }  # fmt: skip
    return Message(mti, fields | {int(key[2:]): value for key, value in changes.items()})  # type: ignore[misc]


@pytest.mark.parametrize(
    ("mti", "fields", "key"),
    [
        ("0200", {3: "000000"}, "0200.000000"),
        ("0201", {3: "000000"}, "0200.000000"),
        ("0100", {3: "330000"}, "0100.330000"),
        ("0401", {3: "000000"}, "0400.000000"),
        ("0420", {3: "000000"}, "0400.000000"),
        ("0421", {3: "000000"}, "0400.000000"),
        ("0221", {3: "940000"}, "0220.940000"),
        ("0501", {3: "920000"}, "0500.920000"),
        ("0800", {70: "301"}, "0800.301"),
        ("0800", {3: "900000"}, "0800.001"),
        ("0800", {3: "990000"}, "0800.301"),
        ("0800", {}, "0800."),
    ],
)
def test_repeats_and_aliases_go_the_way_of_their_original(mti: str, fields: dict[int, str], key: str) -> None:
    assert flow_key(Message(mti, dict(fields))) == key


def test_a_repeat_has_the_content_of_its_original() -> None:
    again = purchase("0201", de64=b"another!", de48=tlv.encode({Tag.APPLICATION_VERSION: "1.0", Tag.KSN: b"\1" * 12}))
    assert content_hash(again) == content_hash(purchase())
    assert -(2**63) <= content_hash(again) < 2**63


@pytest.mark.parametrize(
    "changes",
    [
        {"de4": "000000150001"},
        {"de7": "1122120001"},
        {"de2": "9364000000000000000"},
        {"de48": tlv.encode({Tag.APPLICATION_VERSION: "1.0", Tag.CREDIT_MODE: b"\1", Tag.KSN: bytes(12)})},
    ],
)
def test_any_other_content_is_another_message(changes: dict[str, str | bytes]) -> None:
    assert content_hash(purchase(**changes)) != content_hash(purchase())


def test_a_reversal_never_has_the_content_of_a_purchase() -> None:
    assert content_hash(purchase("0400")) != content_hash(purchase("0200"))


@pytest.mark.parametrize(
    ("now", "de7", "day"),
    [
        (datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC), "1231235959", date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "0101000001", date(2027, 1, 1)),
        (NOW, "1122120000", date(2026, 11, 22)),
        (datetime(2028, 2, 29, 1, tzinfo=UTC), "0229005959", date(2028, 2, 29)),
        (datetime(2028, 3, 1, 1, tzinfo=UTC), "0229235959", date(2028, 2, 29)),
    ],
)
def test_the_year_of_a_time_is_the_nearest(now: datetime, de7: str, day: date) -> None:
    assert key_day(de7, now) == day


@given(st.integers(0, 4_000 * 86_400), st.integers(-150 * 86_400, 150 * 86_400))
def test_a_time_within_months_is_found_again_exactly(since: int, distance: int) -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=since)
    instant = now + timedelta(seconds=distance)
    assert nearest_instant(f"{instant:%m%d%H%M%S}", now) == instant


@pytest.mark.parametrize("de7", ["1322000000", "1131120000", "1122240000", "1122126000", "0000000000", "", "11221200xx"])
def test_a_time_that_is_none_is_a_format_error(de7: str) -> None:
    with pytest.raises(Refused) as caught:
        nearest_instant(de7, NOW)
    assert (caught.value.reason, caught.value.element) == (Reason.FORMAT_ERROR, 7)


@pytest.mark.parametrize(
    ("hhmmss", "mmdd", "element"),
    [
        ("153000", "1122", None),
        ("153000", "1113", None),
        ("153001", "1202", 13),
        ("152959", "1112", 13),
        ("246000", "1122", 12),
        ("153000", "1131", 13),
        ("153000", "0000", 13),
    ],
)
def test_the_shops_clock_stands_within_ten_days(hhmmss: str, mmdd: str, element: int | None) -> None:
    """15:30 in Tehran is 12:00 UTC all the year."""
    if element is None:
        check_local_time(hhmmss, mmdd, NOW)
        return
    with pytest.raises(Refused) as caught:
        check_local_time(hhmmss, mmdd, NOW)
    assert caught.value.element == element


def test_the_shops_clock_may_be_in_the_next_year_already() -> None:
    """20:30 UTC on 31 December is midnight in Tehran."""
    check_local_time("000500", "0101", datetime(2026, 12, 31, 20, 35, tzinfo=UTC))
    check_local_time("235959", "1231", datetime(2026, 12, 31, 20, 35, tzinfo=UTC))
