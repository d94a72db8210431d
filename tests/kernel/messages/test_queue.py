"""A message's way from the transaction that causes it to a provider on loopback."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kernel import clock
from kernel.background import run_errand
from kernel.messages.errors import WrongAddress
from kernel.messages.models import Message
from kernel.messages.queries import facts_sent_to, messages_page, states_by_key
from kernel.messages.queue import KEPT, LEASE, forget_old
from kernel.messages.rules import PAUSES, Notice, Purpose
from kernel.messages.services import allow_offers, facts_of, refuse_offers, send
from kernel.messages.tasks import steps
from kernel.messages.texts import Sentence, Texts
from kernel.settings import load_settings
from portal.blueprint import FOLDER
from tests.factories import ACTOR
from tests.kernel.messages.servers import MailServer, SmsServer, mail_server, sms_server

ZAHRA = "+989151234567"
CODE = Notice("code", Purpose.CODE, timedelta(minutes=5))
NEWS = Notice("news", Purpose.SERVICE)
OFFER = Notice("offer", Purpose.OFFER)
TEXTS = Texts(
    {
        "code": Sentence("Your code is %(code)s", "Code"),
        "news": Sentence("%(count)s entries", "Receipts"),
        "offer": Sentence("Only today", "An offer"),
    },
    FOLDER / "translations",
)
STEPS = steps(TEXTS)
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def turn(name: str = "send_messages") -> None:
    """One turn, as the worker takes it."""
    run_errand(STEPS[name][0])


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time, to be moved on."""
    at = [NOON]
    monkeypatch.setattr(clock, "now", lambda: at[0])
    return at


@pytest.fixture
def lines(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SmsServer]]:
    """Two SMS providers in the settings of a platform in production."""
    with ExitStack() as running:
        servers = [running.enter_context(sms_server()) for _ in range(2)]
        monkeypatch.setenv("PILGRIM_SMS_PROVIDERS", " ".join(server.address for server in servers))
        load_settings.cache_clear()
        yield servers


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_ENVIRONMENT", "production")
    monkeypatch.setenv("PILGRIM_GATEWAY_TLS_BIND", "127.0.0.1:1")
    monkeypatch.setenv("PILGRIM_PORTAL_ADDRESS", "https://card.example.ir")
    load_settings.cache_clear()


def only(session: Session) -> Message:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Message)).one()


def test_a_message_leaves_after_its_transaction_in_words_and_is_known_to_arrive(
    session: Session, lines: list[SmsServer], now: list[datetime]
) -> None:
    send(session, NEWS, ZAHRA, "fa", {"count": 3})
    turn()
    assert lines[0].taken == {}
    session.commit()
    turn()
    [arrived] = lines[0].taken.values()
    assert arrived["message"] == "۳ مورد"
    sent = only(session)
    assert (sent.state, sent.parts, sent.tries) == ("sent", 1, 0)
    assert str(sent.provider).startswith("127.0.0.1:")
    turn()
    assert lines[0].posts == 1
    now[0] += timedelta(seconds=30)
    turn("ask_after_messages")
    assert only(session).state == "sent"
    lines[0].fates[str(sent.reference)] = 10
    now[0] += timedelta(seconds=30)
    turn("ask_after_messages")
    delivered = only(session)
    assert (delivered.state, delivered.ask_at) == ("delivered", None)


def test_a_message_under_one_key_is_sent_once(session: Session, lines: list[SmsServer]) -> None:
    for _ in range(2):
        send(session, NEWS, ZAHRA, "en", {"count": 1}, key="a")
    session.commit()
    send(session, NEWS, ZAHRA, "en", {"count": 1}, key="a")
    session.commit()
    turn()
    turn()
    assert len(lines[0].taken) == 1
    assert states_by_key(session, ["a", "b"]) == {"a": "sent"}


def test_the_second_provider_is_asked_at_once_where_the_first_takes_nothing(session: Session, lines: list[SmsServer]) -> None:
    lines[0].refusals.append(418)
    send(session, NEWS, ZAHRA, "en", {"count": 1})
    session.commit()
    turn()
    waiting = only(session)
    assert (waiting.state, waiting.fault, waiting.tries) == ("waiting", "credit", 1)
    turn()
    assert len(lines[1].taken) == 1
    assert only(session).state == "sent"


def test_after_every_provider_refused_one_waits_and_then_gives_up(
    session: Session, lines: list[SmsServer], now: list[datetime]
) -> None:
    rounds = len(PAUSES) + 1
    for server in lines:
        server.refusals += [409] * rounds
    send(session, Notice("news", Purpose.SERVICE, timedelta(days=9)), ZAHRA, "en", {"count": 1})
    session.commit()
    for pause in PAUSES:
        turn()
        turn()
        turn()
        now[0] += pause
    turn()
    turn()
    assert [server.posts for server in lines] == [rounds, rounds]
    given_up = only(session)
    assert (given_up.state, given_up.fault) == ("failed", "busy")


def test_a_number_that_takes_nothing_is_tried_once(session: Session, lines: list[SmsServer]) -> None:
    lines[0].refusals.append(411)
    send(session, NEWS, ZAHRA, "en", {"count": 1})
    session.commit()
    turn()
    turn()
    assert (only(session).state, lines[1].posts) == ("failed", 0)


def test_a_code_goes_first_and_is_not_sent_when_it_is_worth_nothing_any_more(
    session: Session, lines: list[SmsServer], now: list[datetime]
) -> None:
    send(session, NEWS, ZAHRA, "en", {"count": 1})
    send(session, CODE, ZAHRA, "fa", {"code": "123456"})
    session.commit()
    turn()
    assert next(iter(lines[0].taken.values()))["message"] == "Your code is 123456"
    send(session, CODE, ZAHRA, "fa", {"code": "654321"})
    session.commit()
    now[0] += timedelta(minutes=5)
    turn()
    assert len(lines[0].taken) == 2
    assert session.scalars(select(Message.state).order_by(Message.id.desc())).first() == "expired"


def test_offers_wait_for_the_morning_and_reach_nobody_who_refused_them(
    session: Session, lines: list[SmsServer], now: list[datetime]
) -> None:
    now[0] = NOON.replace(hour=20)
    send(session, OFFER, ZAHRA, "en")
    send(session, OFFER, "+989120000000", "en")
    send(session, NEWS, ZAHRA, "en", {"count": 1})
    session.commit()
    turn()
    assert [one["message"] for one in lines[0].taken.values()] == ["1 entries"]
    refuse_offers(session, ACTOR, ZAHRA)
    session.commit()
    now[0] += timedelta(hours=9)
    turn()
    assert [one["receptor"] for one in lines[0].taken.values()] == ["09151234567", "09120000000"]
    assert [one.state for one in messages_page(session, limit=9, state="refused")] == ["refused"]
    allow_offers(session, ACTOR, ZAHRA)
    send(session, OFFER, ZAHRA, "en")
    session.commit()
    turn()
    assert len(lines[0].taken) == 3


def test_who_blocks_the_line_gets_no_offers_any_more(session: Session, lines: list[SmsServer], now: list[datetime]) -> None:
    send(session, OFFER, ZAHRA, "en")
    session.commit()
    turn()
    lines[0].fates[str(only(session).reference)] = 14
    now[0] += timedelta(minutes=1)
    turn("ask_after_messages")
    assert (only(session).state, only(session).fault) == ("refused", "refused")
    send(session, OFFER, ZAHRA, "en")
    session.commit()
    turn()
    assert len(lines[0].taken) == 1


def test_a_message_whose_worker_died_is_found_again_and_arrives_once(
    session: Session, lines: list[SmsServer], now: list[datetime]
) -> None:
    send(session, NEWS, ZAHRA, "en", {"count": 1})
    session.commit()
    errand = STEPS["send_messages"][0]
    [taken] = errand.take(session)
    session.commit()
    errand.run(taken)  # and nothing is noted
    turn()
    assert lines[0].posts == 1
    now[0] += LEASE
    turn()
    assert (lines[0].posts, len(lines[0].taken)) == (2, 1)
    assert only(session).state == "sent"


@pytest.fixture
def mail(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with mail_server() as server:
        monkeypatch.setenv("PILGRIM_MAIL_PROVIDERS", server.address)
        monkeypatch.setenv("PILGRIM_MAIL_FROM", "card@example.ir")
        load_settings.cache_clear()
        yield server


def test_an_address_of_mail_gets_a_mail(session: Session, mail: MailServer) -> None:
    send(session, NEWS, "zahra@example.ir", "fa", {"count": 1})
    session.commit()
    turn()
    [arrived] = mail.taken.values()
    assert arrived["Subject"] == "رسیدها"
    assert (only(session).parts, only(session).ask_at) == (None, None)


@pytest.mark.usefixtures("lines", "production")
def test_in_production_what_was_said_is_forgotten_when_it_has_left(session: Session) -> None:
    send(session, CODE, ZAHRA, "fa", {"code": "123456"})
    session.commit()
    waiting = only(session)
    assert b"123456" not in (waiting.facts_sealed or b"")
    assert b"9151234567" not in waiting.to_sealed
    turn()
    sent = only(session)
    assert (sent.state, sent.facts_sealed, facts_of(sent)) == ("sent", None, None)


@pytest.mark.usefixtures("production")
def test_where_no_provider_is_set_up_nothing_waits(session: Session) -> None:
    send(session, NEWS, ZAHRA, "en", {"count": 1})
    session.commit()
    turn()
    assert (only(session).state, only(session).fault) == ("failed", "closed")


@pytest.mark.usefixtures("production")
def test_who_wants_no_offers_is_no_failure_of_ours(session: Session) -> None:
    refuse_offers(session, ACTOR, ZAHRA)
    send(session, OFFER, ZAHRA, "en")
    session.commit()
    with clock.frozen(NOON + timedelta(days=3650)):
        session.execute(update(Message).values(expires_at=NOON + timedelta(days=3651)))
        session.commit()
        turn()
    assert (only(session).state, only(session).fault) == ("refused", None)


def test_the_laboratory_keeps_what_it_would_have_sent(session: Session) -> None:
    send(session, CODE, ZAHRA, "fa", {"code": "123456"})
    session.commit()
    turn()
    assert (only(session).state, only(session).provider) == ("sent", "laboratory")
    assert facts_sent_to(session, ZAHRA, "code") == [{"code": "123456"}]
    assert facts_sent_to(session, "+989120000000", "code") == []


def test_what_no_message_can_be_sent_to_is_told_at_once(session: Session) -> None:
    with pytest.raises(WrongAddress):
        send(session, NEWS, "09151234567", "fa", {"count": 1})


def test_old_messages_are_forgotten(session: Session, now: list[datetime]) -> None:
    send(session, NEWS, ZAHRA, "en", {"count": 1})
    now[0] += KEPT + timedelta(days=1)
    send(session, NEWS, ZAHRA, "en", {"count": 2})
    forget_old(session)
    assert [facts_of(one) for one in messages_page(session, limit=9)] == [{"count": 2}]
