from datetime import UTC, date, datetime
from typing import Any

import pytest

from cardbank.ledger.types import AccountKind, Answer
from cardbank.reasons import Reason
from kernel.calendar import TEHRAN, end_of_day
from pos_gateway.context import Context
from pos_gateway.replies import (
    RESPONSE_CODES,
    approval_code,
    is_answerable,
    last_usable_day,
    purchase_tags,
    reply_to,
    response_code,
    retrieval_reference,
)
from pos_gateway.wire import tlv
from pos_gateway.wire.codec import Message, decode
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests.pos_gateway import frames

NOW = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)
DAY = date(2026, 11, 22)
KSN = bytes.fromhex("123456789012345600000002")


def answer(reason: Reason = Reason.APPROVED, **facts: Any) -> Answer:
    return Answer(reason, DAY, 4321, NOW, **facts)


def context(message: Message, **found: Any) -> Context:
    return Context(message, office=None, received_at=NOW, **found)  # type: ignore[arg-type]


def test_every_reason_has_its_code_and_none_falls_through() -> None:
    missing = [reason for reason in Reason if reason not in RESPONSE_CODES and not 3000 <= reason < 4000]
    assert missing == []
    assert all(len(code) == 2 for code in RESPONSE_CODES.values())


@pytest.mark.parametrize(
    ("reason", "code"),
    [(3001, "30"), (3030, "30"), (3130, "30"), (0, "00"), (1914, "00"), (9091, "91"), (9999, "96")],
)
def test_format_reasons_are_30_and_unknown_ones_96(reason: int, code: str) -> None:
    assert response_code(reason) == code


def test_a_reference_finds_its_entry_again() -> None:
    """Y DDD and Crockford's base 32 of id mod 2^40: 22 November is day 326."""
    assert retrieval_reference(DAY, 0) == "632600000000"
    assert retrieval_reference(DAY, 0x10A00) == "6326000022G0"
    assert retrieval_reference(DAY, (1 << 40) + 31) == "63260000000Z"
    assert retrieval_reference(date(2030, 1, 1), (1 << 40) - 1) == "0001ZZZZZZZZ"
    assert len(approval_code(2**62)) == 6


@pytest.mark.parametrize(
    ("mti", "yes"),
    [
        ("0200", True),
        ("0201", True),
        ("0800", True),
        ("0600", True),
        ("0210", False),
        ("1200", False),
        ("2804", False),
    ],
)
def test_only_requests_of_1987_are_answered(mti: str, yes: bool) -> None:
    assert is_answerable(mti) is yes


def test_what_was_paid_adds_up_to_the_amount() -> None:
    paid = {AccountKind.MONEY: 100_000, AccountKind.CREDIT_LOT: 30_000, AccountKind.GIFT: 20_000}
    tags = purchase_tags(answer(amount=150_000, paid=paid, earned=5_000, credit_balance=7_000), TEHRAN)
    parts = [int(tags[tag]) for tag in (Tag.PAID_FROM_CARD, Tag.PAID_BY_CREDIT, Tag.PAID_BY_GIFT)]
    assert sum(parts) == 150_000
    assert parts == [100_000, 30_000, 20_000]
    assert (tags[Tag.CREDIT_EARNED], tags[Tag.CREDIT_BALANCE]) == ("000000005000", "000000007000")


def test_expiring_credit_names_the_last_day_on_which_it_can_be_spent() -> None:
    until = end_of_day(date(2026, 12, 31))
    tags = purchase_tags(answer(expires_next=6_500, expires_on=until), TEHRAN)
    assert tags[Tag.EXPIRING_CREDIT] == "00000000650020261231"
    assert last_usable_day(datetime(2026, 12, 31, 12, tzinfo=UTC), TEHRAN) == date(2026, 12, 31)


def check(published: frames.Published, **found: Any) -> Message:
    """The reply to a published request, complete by the presence table once a MAC is there."""
    reply = reply_to(context(decode(published.body), **found), TEHRAN)
    check_presence(Message(reply.mti, reply.fields | {128 if max(reply.fields) > 64 else 64: b"12345678"}))
    return reply


def test_an_approved_purchase_is_answered_with_all_that_the_till_needs() -> None:
    paid = {AccountKind.MONEY: 130_000, AccountKind.CREDIT_LOT: 20_000}
    reply = check(frames.PURCHASE, answer=answer(amount=150_000, paid=paid, earned=6_500, credit_balance=18_500))
    request = decode(frames.PURCHASE.body)
    assert reply.mti == "0210"
    for number in (3, 4, 7, 11, 12, 13, 24, 41, 42, 49, 62):
        assert reply.fields[number] == request.fields[number]
    assert (reply.fields[15], reply.fields[37], reply.fields[38], reply.fields[39]) == (
        "1122", retrieval_reference(DAY, 4321), approval_code(4321), "00",
    )  # fmt: skip
    tags = tlv.decode(reply.fields[48])  # type: ignore[arg-type]
    assert tags[Tag.KSN] == KSN
    assert Tag.INTERNAL_REASON not in tags
    assert tags[Tag.PAID_BY_CREDIT] == "000000020000"


def test_a_declined_purchase_has_a_reason_and_no_approval_code() -> None:
    reply = check(frames.PURCHASE, answer=answer(Reason.INSUFFICIENT_FUNDS), reason=Reason.INSUFFICIENT_FUNDS)
    assert reply.fields[39] == "51"
    assert 38 not in reply.fields
    assert tlv.decode(reply.fields[48])[Tag.INTERNAL_REASON] == "1051"  # type: ignore[arg-type]
    assert reply.fields[37] == retrieval_reference(DAY, 4321)


def test_a_stored_answer_says_that_it_is_one() -> None:
    reply = check(frames.PURCHASE, answer=answer(amount=150_000, replayed=True))
    assert tlv.decode(reply.fields[48])[Tag.REPLAYED] == "1"  # type: ignore[arg-type]


def test_a_tombstone_is_00_with_its_reason() -> None:
    reply = check(frames.REVERSAL, answer=answer(Reason.TOMBSTONE_WRITTEN), reason=Reason.TOMBSTONE_WRITTEN)
    assert (reply.mti, reply.fields[39]) == ("0410", "00")
    assert tlv.decode(reply.fields[48])[Tag.INTERNAL_REASON] == "1914"  # type: ignore[arg-type]
    assert reply.fields[90] == decode(frames.REVERSAL.body).fields[90]


def test_an_echo_is_answered_with_the_hosts_time_in_the_shops_zone() -> None:
    reply = check(frames.ECHO)
    assert (reply.mti, reply.fields[12], reply.fields[13], reply.fields[39]) == (
        "0810",
        "160456",
        "1122",
        "00",
    )
    assert tlv.decode(reply.fields[48])[Tag.SERVER_TIME] == "20261122160456"  # type: ignore[arg-type]
    assert 37 not in reply.fields


def test_a_challenge_is_answered_like_the_published_one() -> None:
    published = decode(frames.CHALLENGE_ANSWER.body)
    proof = published.private[Tag.CARD_AUTHENTICATION]
    reply = check(frames.CHALLENGE, tags={Tag.CARD_AUTHENTICATION: proof})
    assert reply.fields.keys() == published.fields.keys() - {64}
    assert reply.fields[48] == published.fields[48]


def test_a_format_error_names_the_element() -> None:
    reply = check(frames.PURCHASE, reason=3011, element=49)
    assert (reply.fields[39], reply.fields[44]) == ("30", "49")
    assert tlv.decode(reply.fields[48])[Tag.INTERNAL_REASON] == "3011"  # type: ignore[arg-type]
