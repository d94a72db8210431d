"""What a campaign may say, where it stands, and which days are counted. All pure."""

from datetime import date, timedelta

import pytest

from merchants.campaigns.errors import WrongCampaign
from merchants.campaigns.rules import Standing, Wanted, check_wanted, days_counted, span_before, standing

TODAY = date(2026, 11, 26)


def on(first: int, last: int, **facts: str) -> Wanted:
    return Wanted({"fa": "جشن"}, {"fa": "جشن"}, TODAY + timedelta(first), TODAY + timedelta(last), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (on(-1, 3), "starts_on"),
        (on(181, 182), "starts_on"),
        (on(2, 1), "ends_on"),
        (on(0, 120), "ends_on"),
        (on(0, 1, shop_kind="x"), "kind"),
    ],
)
def test_a_wrong_campaign_names_its_field(wanted: Wanted, field: str) -> None:
    with pytest.raises(WrongCampaign) as refused:
        check_wanted(wanted, TODAY)
    assert refused.value.facts["field"] == field


def test_the_longest_campaign_begins_as_late_as_may_be() -> None:
    check_wanted(on(180, 299, shop_kind="saffron"), TODAY)
    check_wanted(on(0, 0), TODAY)


@pytest.mark.parametrize(
    ("called_off", "today", "stands", "counted"),
    [
        (None, 25, Standing.COMING, None), (None, 26, Standing.RUNNING, None), (None, 28, Standing.RUNNING, None), (None, 29, Standing.OVER, (26, 28)),
        (25, 30, Standing.CALLED_OFF, None), (26, 30, Standing.CALLED_OFF, None), (28, 28, Standing.CALLED_OFF, (26, 27)),
    ],
)  # fmt: skip
def test_days_are_counted_when_no_shop_can_join_any_more(
    called_off: int | None, today: int, stands: Standing, counted: tuple[int, int] | None
) -> None:
    def day(number: int) -> date:
        return date(2026, 11, number)

    facts = day(26), day(28), day(called_off) if called_off else None, day(today)
    assert standing(*facts) is stands
    assert days_counted(*facts) == (counted and (day(counted[0]), day(counted[1])))


def test_the_span_before_is_as_long_and_ends_the_day_before() -> None:
    assert span_before(date(2026, 11, 26), date(2026, 11, 28)) == (date(2026, 11, 23), date(2026, 11, 25))
    assert span_before(TODAY, TODAY) == (date(2026, 11, 25), date(2026, 11, 25))
