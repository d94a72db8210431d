"""Every provider keeps the one contract, the laboratory's twin like those that reach outside."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from kernel.messages.adapters.kavenegar import KavenegarProvider
from kernel.messages.adapters.laboratory import LaboratoryProvider
from kernel.messages.adapters.smtp import SmtpProvider
from kernel.messages.ports import Fate, Letter, Outcome, Provider
from kernel.messages.rules import Channel, provider_addresses
from tests.kernel.messages.servers import OTHER_LINE, MailServer, SmsServer, mail_server, sms_server

SMS = Letter(17, "+989151234567", "", "کد شما ۱۲۳۴ است")
MAIL = Letter(18, "zahra@example.ir", "دعوت", "سلام\nhttps://card.example.ir/invitation#ABC")
FROM = "card@example.ir"


def kavenegar(address: str) -> KavenegarProvider:
    return KavenegarProvider(provider_addresses(Channel.SMS, address)[0])


def smtp(address: str) -> SmtpProvider:
    return SmtpProvider(provider_addresses(Channel.EMAIL, address)[0], FROM)


@contextmanager
def provider(kind: str) -> Iterator[tuple[Provider, Letter]]:
    if kind == "kavenegar":
        with sms_server() as server:
            yield kavenegar(server.address), SMS
    elif kind == "smtp":
        with mail_server() as server:
            yield smtp(server.address), MAIL
    else:
        yield LaboratoryProvider(), SMS


@pytest.mark.parametrize("kind", ["kavenegar", "smtp", "laboratory"])
def test_a_letter_is_taken_under_a_reference_that_a_repeat_gets_again(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with provider(kind) as (carrier, letter):
        outcome = carrier.send(letter)
        assert outcome.reference
        assert outcome.fault is None
        assert carrier.send(letter) == outcome
        fates = carrier.fates([outcome.reference, "no letter of ours"])
        assert set(fates) <= {outcome.reference, "no letter of ours"}
        assert carrier.name
    logged = caplog.text
    assert letter.to not in logged
    assert letter.text not in logged


@pytest.fixture
def sms() -> Iterator[SmsServer]:
    with sms_server() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def test_an_sms_arrives_as_one_dials_and_as_it_was_written(sms: SmsServer) -> None:
    kavenegar(sms.address).send(SMS)
    kavenegar(sms.address).send(replace(SMS, number=19, to="+9647701234567"))
    assert sms.taken["17"]["receptor"] == "09151234567"
    assert sms.taken["17"]["message"] == SMS.text
    assert sms.taken["19"]["receptor"] == "009647701234567"


@pytest.mark.parametrize(
    ("status", "fault", "is_final"),
    [(411, "number", True), (413, "text", True), (418, "credit", False), (403, "account", False), (409, "busy", False), (502, "busy", False), (404, "account", False)],
)  # fmt: skip
def test_a_refused_sms_says_whether_another_provider_would_take_it(sms: SmsServer, status: int, fault: str, is_final: bool) -> None:
    sms.refusals.append(status)
    outcome = kavenegar(sms.address).send(SMS)
    assert (outcome.reference, outcome.fault, outcome.is_final) == (None, fault, is_final)
    assert sms.taken == {}


def test_a_line_or_an_account_that_is_not_ours_is_a_fault_of_the_account(sms: SmsServer) -> None:
    address = provider_addresses(Channel.SMS, sms.address)[0]
    assert KavenegarProvider(replace(address, sender=OTHER_LINE)).send(SMS) == Outcome(None, "account")
    assert KavenegarProvider(replace(address, user="another key")).send(SMS) == Outcome(None, "account")


def test_what_became_of_an_sms(sms: SmsServer) -> None:
    sms.fates |= {"1": 10, "2": 11, "3": 14, "4": 5}
    assert kavenegar(sms.address).fates(["1", "2", "3", "4"]) == {"1": Fate.DELIVERED, "2": Fate.LOST, "3": Fate.REFUSED}
    sms.refusals.append(409)
    assert kavenegar(sms.address).fates(["1"]) == {}


def test_a_mail_arrives_whole_and_says_that_it_is_a_programs(mail: MailServer) -> None:
    reference = smtp(mail.address).send(MAIL).reference
    arrived = mail.taken[str(reference)]
    assert (arrived["To"], arrived["Subject"], arrived["From"]) == (MAIL.to, MAIL.subject, f"Pilgrim Card <{FROM}>")
    assert arrived.get_content().splitlines() == MAIL.text.splitlines()
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert mail.recipients == [f"rcpt TO:<{MAIL.to}>"]


def test_a_letter_by_mail_is_a_page_too_and_ends_by_one_press(mail: MailServer) -> None:
    ending = "https://card.example.ir/unsubscribe/" + "A" * 107
    reference = smtp(mail.address).send(replace(MAIL, html="<p>سلام</p>", unsubscribe=ending)).reference
    arrived = mail.taken[str(reference)]
    assert (arrived["List-Unsubscribe"], arrived["List-Unsubscribe-Post"]) == (f"<{ending}>", "List-Unsubscribe=One-Click")
    plain, page = arrived.iter_parts()
    assert (arrived.get_content_type(), plain.get_content_type(), page.get_content_type()) == (
        "multipart/alternative",
        "text/plain",
        "text/html",
    )
    assert plain.get_content().splitlines() == MAIL.text.splitlines()
    assert page.get_content().strip() == "<p>سلام</p>"


@pytest.mark.parametrize(
    ("answer", "outcome"), [(b"550 nobody of that name", Outcome(None, "number")), (b"450 later", Outcome(None, "busy"))]
)
def test_a_refused_mail_says_whether_to_try_again(mail: MailServer, answer: bytes, outcome: Outcome) -> None:
    mail.refusals.append(answer)
    assert smtp(mail.address).send(MAIL) == outcome
    assert mail.taken == {}


def test_where_nobody_listens_a_letter_is_not_taken() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert kavenegar(f"kavenegar+http://k@127.0.0.1:{port}/?sender=1").send(SMS) == Outcome(None, "unreachable")
        assert smtp(f"smtp+plain://127.0.0.1:{port}").send(MAIL) == Outcome(None, "unreachable")


def test_a_silent_provider_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.messages.adapters.kavenegar.SECONDS", 0.05)
    monkeypatch.setattr("kernel.messages.adapters.smtp.SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert kavenegar(f"kavenegar+http://k@127.0.0.1:{port}/?sender=1").send(SMS) == Outcome(None, "late")
        assert smtp(f"smtp+plain://127.0.0.1:{port}").send(MAIL).fault == "unreachable"  # smtplib tells no time-out from an end


def test_a_mail_server_without_tls_gets_no_password(mail: MailServer) -> None:
    plain = provider_addresses(Channel.EMAIL, mail.address)[0]
    outcome = SmtpProvider(replace(plain, kind="smtp", user="me", password="word"), FROM).send(MAIL)
    assert outcome == Outcome(None, "unreachable")
    assert mail.taken == {}
