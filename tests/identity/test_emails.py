"""An e-mail address is a person's when they have typed the code that came there, and never before."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import emails
from identity.emails import ask_email_code, confirm_email, own_email, remove_email
from identity.errors import EmailClosed, EmailCodeRefused, EmailNotConfirmed, TooManyEmailCodes, WrongEmail
from identity.models import EmailCode, Person
from identity.permissions import Identity
from identity.queries import people_with_email
from identity.rules import email_address
from kernel import clock
from kernel.audit import AuditEntry
from kernel.errors import BadInput
from kernel.messages.models import Message
from kernel.messages.queries import facts_sent_to
from tests.factories import account

ADDRESS, OTHER = "zahra@example.org", "z.ahmadi@example.ir"


@pytest.fixture
def zahra(session: Session) -> Identity:
    return account(session)[0]


def code_of(session: Session, address: str = ADDRESS) -> str:
    return str(facts_sent_to(session, address, "email_code")[0]["code"])


def held(session: Session, identity: Identity) -> Person:
    return session.get_one(Person, identity.person_id, populate_existing=True)


def confirmed(session: Session, identity: Identity, address: str = ADDRESS) -> None:
    ask_email_code(session, identity, address)
    confirm_email(session, identity, code_of(session, address))


def test_an_address_is_usable_once_its_code_was_typed(session: Session, zahra: Identity) -> None:
    ask_email_code(session, zahra, " Zahra@Example.org ")
    assert held(session, zahra).email is None
    assert people_with_email(session, ADDRESS) == [], "nobody finds or writes to an unconfirmed address"
    assert (own_email(session, zahra.person_id).shown, own_email(session, zahra.person_id).waits_for) == (None, "z•••@example.org")
    confirm_email(session, zahra, code_of(session).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    assert (held(session, zahra).email, held(session, zahra).letters_by) == (ADDRESS, "email")
    assert people_with_email(session, ADDRESS) == [zahra.person_id]
    with pytest.raises(EmailCodeRefused):
        confirm_email(session, zahra, code_of(session))
    written = session.scalars(select(AuditEntry).where(AuditEntry.act == "confirm_email")).one()
    assert ADDRESS not in str(written.after)


def test_a_code_is_for_one_person_one_address_a_while_and_five_tries(
    session: Session, zahra: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, _ = account(session)
    ask_email_code(session, zahra, ADDRESS)
    code = code_of(session)
    with pytest.raises(EmailCodeRefused):
        confirm_email(session, stranger, code)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(emails.TRIES):
        with pytest.raises(EmailCodeRefused):
            confirm_email(session, zahra, wrong)
    with pytest.raises(EmailCodeRefused):
        confirm_email(session, zahra, code)
    ask_email_code(session, zahra, OTHER)
    late = clock.now() + timedelta(minutes=31)
    code = code_of(session, OTHER)
    monkeypatch.setattr(clock, "now", lambda: late)
    with pytest.raises(EmailCodeRefused):
        confirm_email(session, zahra, code)
    assert held(session, zahra).email is None


def test_the_newest_code_alone_counts_and_the_old_address_is_told(session: Session, zahra: Identity) -> None:
    confirmed(session, zahra)
    ask_email_code(session, zahra, "mistyped@example.org")
    ask_email_code(session, zahra, OTHER)
    with pytest.raises(EmailCodeRefused):
        confirm_email(session, zahra, code_of(session, "mistyped@example.org"))
    emails.choose_letters_by(session, zahra, "sms")
    confirm_email(session, zahra, code_of(session, OTHER))
    assert (held(session, zahra).email, held(session, zahra).letters_by) == (OTHER, "sms")
    assert [one.notice for one in session.scalars(select(Message)) if one.to_shown == "z•••@example.org"] == [
        "email_code",
        "email_changed",
    ]
    remove_email(session, zahra)
    assert own_email(session, zahra.person_id).shown is None
    assert session.scalars(select(Message.notice).order_by(Message.id.desc())).first() == "email_removed"
    with pytest.raises(EmailNotConfirmed):
        emails.choose_letters_by(session, zahra, "email")
    with pytest.raises(EmailNotConfirmed):
        emails.choose_offers(session, zahra, wanted=False)
    with pytest.raises(BadInput):
        emails.choose_letters_by(session, zahra, "pigeon")


def test_nobody_is_flooded_by_codes(session: Session, zahra: Identity) -> None:
    for number in range(3):
        ask_email_code(session, account(session)[0], ADDRESS)
        ask_email_code(session, zahra, f"z{number}@example.org")
    with pytest.raises(TooManyEmailCodes) as of_address:
        ask_email_code(session, account(session)[0], ADDRESS)
    assert of_address.value.facts == {"field": "email", "minutes": 10}
    with pytest.raises(TooManyEmailCodes):
        ask_email_code(session, zahra, OTHER)


def test_an_unconfirmed_address_is_sealed_and_soon_forgotten(
    session: Session, zahra: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_email_code(session, zahra, ADDRESS)
    row = session.scalars(select(EmailCode)).one()
    assert ADDRESS.encode() not in (row.email_sealed or b"") + row.email_digest + row.code_digest
    later = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    emails.forget_email_codes(session)
    assert session.scalars(select(EmailCode)).all() == []


def test_where_no_mail_leaves_no_address_is_asked_for(session: Session, zahra: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emails, "is_open", lambda _: False)
    with pytest.raises(EmailClosed):
        ask_email_code(session, zahra, ADDRESS)
    assert not own_email(session, zahra.person_id).is_open


@pytest.mark.parametrize(
    "typed", ["", "zahra", "zahra@example", "زهرا@example.org", "a@example.org\nBcc: b@example.org", "a b@example.org"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(WrongEmail):
        email_address(typed)
