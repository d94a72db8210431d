"""Letters by e-mail: to confirmed addresses, as each reader chose, ended by a link or by one press."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.consents import agreements_of
from identity.models import Organisation, Person
from identity.permissions import Identity
from kernel import clock
from kernel.background import run_errand
from kernel.messages import tasks
from kernel.messages.models import Message
from kernel.messages.services import facts_of, refuses_offers
from kernel.settings import load_settings
from loyalty.groups import services as groups
from loyalty.groups.models import CustomerGroup
from loyalty.letters import links, queries, rules, services
from loyalty.letters.errors import LetterLinkNotOurs, NobodyToWriteTo, WrongLetter
from loyalty.letters.models import Letter
from portal.message_words import TEXTS
from tests import factories
from tests.kernel.messages.servers import MailServer, mail_server
from tests.loyalty.groups.people import customer, shop_owner

NIGHT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # half past eleven in Tehran
DRAFT = rules.Draft(
    "offer", {"fa": "زعفران تازه\n\nhttps://card.example.ir/shops/1", "en": "Fresh saffron"}, NIGHT, {}, "chosen", {"fa": "زعفران"}
)


@pytest.fixture
def mail(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with mail_server() as server:
        monkeypatch.setenv("PILGRIM_MAIL_PROVIDERS", server.address)
        monkeypatch.setenv("PILGRIM_MAIL_FROM", "card@example.ir")
        load_settings.cache_clear()
        yield server


@pytest.fixture
def at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NIGHT)


def readers(session: Session, *whom: tuple[str | None, str]) -> tuple[Identity, int, CustomerGroup, list[Identity]]:
    """A shop with customers who let it write, each with an address or none and a choice."""
    owner, shop = shop_owner(session)
    group = groups.found_group(session, owner, shop, "مشتریان")
    made = []
    for address, choice in whom:
        one, number = customer(session, shop)
        person = session.get_one(Person, one.person_id)
        person.email, person.letters_by = address, choice
        groups.add_one(session, owner, shop, group.id, number, "")
        made.append(one)
    session.flush()
    return owner, shop, group, made


def write(session: Session, owner: Identity, shop: int, group: CustomerGroup, draft: rules.Draft = DRAFT) -> Letter:
    return services.write_letter(session, owner, (shop, False), str(uuid4()), draft, group)


@pytest.mark.usefixtures("at_night")
def test_each_reader_gets_it_by_what_they_chose_and_mail_does_not_wait_for_the_morning(session: Session, mail: MailServer) -> None:
    owner, shop, group, [by_sms, by_mail, _] = readers(
        session, ("a@example.org", "sms"), ("zahra@example.org", "email"), (None, "sms")
    )
    letter = write(session, owner, shop, group)
    assert (letter.people, letter.mails, letter.parts) == (3, 1, 2)
    services.send_next(session)
    session.commit()
    run_errand(tasks.steps(TEXTS)["send_messages"][0])
    [arrived] = mail.taken.values()
    names = session.get_one(Organisation, shop).names
    assert (arrived["To"], arrived["Subject"]) == ("zahra@example.org", f"{names['fa']}: زعفران")
    plain, page = (one.get_content() for one in arrived.iter_parts())
    assert "زعفران تازه" in plain
    assert 'dir="rtl"' in page
    link = arrived["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert f"/unsubscribe/{link}" in plain
    session.expire_all()
    assert queries.fates_of(session, letter.id) == {"sent": 1, "waiting": 2}, "the SMS wait out the night"
    assert links.sender_of_link(session, link).id == shop
    links.end_by_link(session, link)
    assert agreements_of(session, by_mail.person_id) == []
    assert len(agreements_of(session, by_sms.person_id)) == 1
    links.end_by_link(session, link, everybody=True)
    assert refuses_offers(session, "zahra@example.org")
    for wrong in (link[:-1] + ("A" if link[-1] != "A" else "B"), "x", link[:40]):
        with pytest.raises(LetterLinkNotOurs):
            links.end_by_link(session, wrong)


def test_a_letter_by_mail_alone_reaches_confirmed_addresses_alone(session: Session) -> None:
    owner, shop, group, [written, _] = readers(session, ("zahra@example.org", "sms"), (None, "sms"))
    letter = write(session, owner, shop, group, replace(DRAFT, channel="email", send_at=clock.now()))
    assert (letter.people, letter.mails, letter.parts) == (1, 1, 0)
    person = session.get_one(Person, written.person_id)
    person.email = None
    services.send_next(session)
    assert queries.fates_of(session, letter.id) == {"left_out": 1}, "the address was removed in between"
    with pytest.raises(NobodyToWriteTo):
        write(session, owner, shop, group, replace(DRAFT, channel="email"))


def test_offers_of_the_operator_end_by_refusing_all_and_news_has_no_link(session: Session) -> None:
    operator, _ = factories.account(session, factories.Role.OPERATOR)
    own = operator.grants[0].organisation_id or 0
    pilgrim, _ = customer(session)
    person = session.get_one(Person, pilgrim.person_id)
    person.email, person.letters_by = "zahra@example.org", "email"
    session.flush()
    for purpose in ("offer", "service"):
        draft = replace(DRAFT, purpose=purpose, send_at=clock.now())
        services.write_letter(session, operator, (own, True), str(uuid4()), draft, pilgrim.person_id)
        services.send_next(session)
        services.send_next(session)
    offer, news = session.scalars(select(Message).order_by(Message.id))
    assert ("unsubscribe" in facts(offer), "unsubscribe" in facts(news)) == (True, False)
    links.end_by_link(session, facts(offer)["unsubscribe"].rpartition("/")[2])
    assert refuses_offers(session, "zahra@example.org")


def facts(message: Message) -> dict[str, str]:
    return {name: str(fact) for name, fact in (facts_of(message) or {}).items()}


def test_what_a_letter_by_mail_may_say() -> None:
    assert rules.subjects_of({"subject_fa": " زعفران \n تازه "}, "chosen") == {"fa": "زعفران تازه"}
    assert rules.subjects_of({}, "sms") == {}
    assert rules.texts_of({"text_fa": "x" * 4_000}, "email")["fa"]
    for typed, channel, fault in (({}, "email", "no_subject"), ({"subject_fa": "x" * 81}, "email", "long")):
        with pytest.raises(WrongLetter) as refused:
            rules.subjects_of(typed, channel)
        assert refused.value.facts["fault"] == fault
    with pytest.raises(WrongLetter):
        rules.texts_of({"text_fa": "x" * 336}, "chosen")
    with pytest.raises(WrongLetter):
        rules.channel_of_letter("pigeon")
