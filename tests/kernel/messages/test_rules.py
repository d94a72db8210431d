from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.messages.errors import WrongAddress
from kernel.messages.rules import (
    PAUSES,
    Channel,
    ProviderAddress,
    Purpose,
    Quiet,
    ask_again_at,
    channel_of,
    parts_of,
    pause_after,
    provider_addresses,
    provider_of,
    quiet_hours,
    send_at,
    shown,
)

TEHRAN = ZoneInfo("Asia/Tehran")
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Tehran
NIGHT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 23:30
SMALL_HOURS = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # 01:30 of the next day
MORNING = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # 08:00 of the next day


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("ک" * 70, 1), ("ک" * 71, 2), ("ک" * 134, 2), ("ک" * 135, 3),
        ("€" * 80, 1), ("€" * 81, 2),  # two septets each
        ("🕌" * 35, 1), ("🕌" * 36, 2), ("🕌" * 66, 2), ("🕌" * 67, 3),  # a part holds 33 of them: none is cut in two
        ("ç", 1), ("a" * 159 + "ç", 3),  # a single letter outside of the alphabet makes all of it UCS-2
    ],
)  # fmt: skip
def test_a_text_is_counted_as_it_is_paid(text: str, parts: int) -> None:
    assert parts_of(text) == parts


@given(st.text(), st.text(min_size=1, max_size=1))
def test_a_longer_text_never_takes_fewer_parts(text: str, letter: str) -> None:
    assert 1 <= parts_of(text) <= parts_of(text + letter)


@pytest.mark.parametrize(
    ("address", "channel"),
    [("+989151234567", Channel.SMS), ("+9647701234567", Channel.SMS), ("a.b+c@mail.example.ir", Channel.EMAIL)],
)
def test_an_address_has_a_channel(address: str, channel: Channel) -> None:
    assert channel_of(address) is channel


@pytest.mark.parametrize(
    "address",
    [
        "",
        "09151234567",
        "+98",
        "+0989151234567",
        "a@b",
        "a b@example.ir",
        "a@example.ir\nBcc: b@example.ir",
        "a,b@example.ir",
        "a@-.ir",
        "آ@example.ir",
        "x" * 120 + "@example.ir",
    ],
)
def test_what_no_message_can_be_sent_to_is_refused(address: str) -> None:
    with pytest.raises(WrongAddress):
        channel_of(address)


def test_an_address_is_shown_to_its_owner_only() -> None:
    assert shown("+989151234567") == "+98915•••••67"
    assert shown("zahra@example.ir") == "z•••@example.ir"


@pytest.mark.parametrize(
    ("purpose", "now", "expected"),
    [
        (Purpose.OFFER, NOON, NOON), (Purpose.OFFER, NIGHT, MORNING), (Purpose.OFFER, SMALL_HOURS, MORNING),
        (Purpose.SERVICE, NIGHT, NIGHT), (Purpose.CODE, SMALL_HOURS, SMALL_HOURS),
        (Purpose.OFFER, MORNING, MORNING), (Purpose.OFFER, MORNING - timedelta(seconds=1), MORNING),
    ],
)  # fmt: skip
def test_offers_alone_wait_for_the_morning(purpose: Purpose, now: datetime, expected: datetime) -> None:
    assert send_at(purpose, Channel.SMS, now, Quiet(22, 8), TEHRAN) == expected


def test_an_offer_by_mail_wakes_nobody_and_waits_for_nothing() -> None:
    assert send_at(Purpose.OFFER, Channel.EMAIL, NIGHT, Quiet(22, 8), TEHRAN) == NIGHT


def test_quiet_hours_may_lie_within_a_day() -> None:
    siesta = Quiet(13, 16)
    assert send_at(Purpose.OFFER, Channel.SMS, NOON, siesta, TEHRAN) == NOON
    assert send_at(Purpose.OFFER, Channel.SMS, NOON + timedelta(hours=2), siesta, TEHRAN) == NOON + timedelta(hours=4)
    assert quiet_hours("22-8") == Quiet(22, 8)
    for wrong in ("", "22", "24-8", "22-8-9", "x-y"):
        with pytest.raises(ValueError, match="22-8"):
            quiet_hours(wrong)


@pytest.mark.parametrize("providers", [1, 2, 3])
def test_every_provider_is_asked_in_a_round_before_anybody_waits(providers: int) -> None:
    pauses = [pause_after(tries, providers) for tries in range(1, providers * (len(PAUSES) + 1))]
    waits = [pause for pause in pauses if pause]
    assert waits == list(PAUSES)
    assert len(pauses) == providers * (len(PAUSES) + 1) - 1
    assert pause_after(providers * (len(PAUSES) + 1), providers) is None
    assert {provider_of(tries, providers) for tries in range(providers)} == set(range(providers))


def test_a_provider_is_asked_ever_less_often_and_for_two_days() -> None:
    assert ask_again_at(NOON, NOON) == NOON + timedelta(seconds=30)
    assert ask_again_at(NOON, NOON + timedelta(minutes=5)) == NOON + timedelta(minutes=15)
    assert ask_again_at(NOON, NOON + timedelta(hours=47)) == NOON + timedelta(hours=50)
    assert ask_again_at(NOON, NOON + timedelta(days=2)) is None


def test_providers_are_read_in_their_order() -> None:
    assert provider_addresses(
        Channel.SMS, "kavenegar://k%2F1@api.kavenegar.com/?sender=1000 kavenegar+http://k2@10.0.0.1:8080/?sender=2000"
    ) == [
        ProviderAddress("kavenegar", "api.kavenegar.com", 443, "k/1", "", "1000"),
        ProviderAddress("kavenegar+http", "10.0.0.1", 8080, "k2", "", "2000"),
    ]
    assert provider_addresses(Channel.EMAIL, "smtps://me:p%40ss@mail.example.ir") == [
        ProviderAddress("smtps", "mail.example.ir", 465, "me", "p@ss", "")
    ]
    assert provider_addresses(Channel.SMS, " ") == []


@pytest.mark.parametrize(
    "text",
    [
        "https://secret@api.kavenegar.com/?sender=1",
        "kavenegar://api.kavenegar.com/?sender=1",
        "kavenegar://secret@api.kavenegar.com/",
        "kavenegar://secret@host:x/?sender=1",
    ],
)
def test_a_provider_that_is_none_is_refused_without_its_secret(text: str) -> None:
    with pytest.raises(ValueError, match="provider 1 is not written like") as refused:
        provider_addresses(Channel.SMS, text)
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(ProviderAddress("kavenegar", "host", 443, "secret", "secret", "1"))
