"""An outage is announced once, shown to whom it affects, and told to shops once at its beginning and once at its end."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity, Role
from kernel import clock
from kernel.messages.models import Message
from merchants.models import Merchant
from merchants.outages import queries, rules, services
from merchants.outages.errors import OutageNotFound, WrongOutage
from merchants.outages.models import Outage
from merchants.outages.rules import Announcement, check_announcement, is_for
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.loyalty.groups.people import mobile
from tests.meeting import meet

CITIES = {"mashhad", "qom"}


def said(**changes: object) -> Announcement:
    now = clock.now()
    usual = Announcement(
        "outage", "all", ("card",), (), {"fa": "پرداخت با کارت کند است"}, now, now + timedelta(hours=2), tells_by_sms=True
    )
    return replace(usual, **changes)


def owner(session: Session) -> Identity:
    """Of an active shop with a branch in Mashhad, and with a mobile number."""
    till = factories.terminal(session)
    organisation_id = session.scalars(select(Merchant.organisation_id).order_by(Merchant.id.desc())).first()
    assert till is not None
    identity, _ = factories.account(session, Role.MERCHANT, organisation_id=organisation_id)
    session.get_one(Person, identity.person_id).mobile = mobile()
    session.flush()
    return identity


def told(session: Session) -> list[str]:
    return list(session.scalars(select(Message.notice).order_by(Message.id)))


def test_shops_are_told_of_the_beginning_and_of_the_end_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "A_TURN", 2)
    operator, _ = factories.account(session, Role.OPERATOR)
    for _ in range(3):
        owner(session)
    key = str(uuid4())
    outage = services.announce(session, operator, key, said(), CITIES)
    assert services.announce(session, operator, key, said(), CITIES).id == outage.id
    services.tell_next(session)
    session.commit()
    services.tell_next(session)
    session.rollback()  # a worker that dies with its turn
    while services.tell_next(session):
        session.commit()
    assert told(session) == ["outage_begun"] * 3
    late = owner(session)
    services.end_outage(session, operator, outage.id)
    with pytest.raises(OutageNotFound):
        services.end_outage(session, operator, outage.id)
    while services.tell_next(session):
        pass
    assert told(session) == ["outage_begun"] * 3 + ["outage_ended"] * 3, "who came later hears of neither"
    assert late.person_id
    assert outage.told_of == "done"


def test_only_shops_of_the_named_cities_are_told_and_nobody_of_what_is_for_pilgrims(session: Session) -> None:
    operator, _ = factories.account(session, Role.OPERATOR)
    owner(session)
    services.announce(session, operator, str(uuid4()), said(cities=("qom",)), CITIES)
    services.announce(session, operator, str(uuid4()), said(audience="pilgrims"), CITIES)
    services.announce(session, operator, str(uuid4()), said(tells_by_sms=False), CITIES)
    while services.tell_next(session):
        pass
    assert told(session) == []
    services.announce(session, operator, str(uuid4()), said(cities=("mashhad",)), CITIES)
    services.tell_next(session)
    assert told(session) == ["outage_begun"]


def test_live_is_what_goes_on_or_begins_within_a_day(session: Session) -> None:
    operator, _ = factories.account(session, Role.OPERATOR)
    now = clock.now()
    for starts in (timedelta(hours=-1), timedelta(hours=23), timedelta(days=3)):
        services.announce(session, operator, str(uuid4()), said(starts_at=now + starts, ends_at=now + timedelta(days=4)), CITIES)
    live, coming = queries.live_outages(session, now), queries.coming_outages(session, now)
    assert (len(live), len(coming)) == (2, 1)
    services.end_outage(session, operator, live[0].id)
    assert [one.id for one in queries.past_outages(session)] == [live[0].id]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "party"}, "kind"), ({"audience": "nobody"}, "audience"), ({"parts": ("moon",)}, "parts"), ({"cities": ("rome",)}, "cities"),
        ({"starts_at": clock.now() + timedelta(days=61)}, "begins"), ({"ends_at": clock.now() - timedelta(minutes=1)}, "ends"),
        ({"ends_at": clock.now() + timedelta(days=61)}, "ends"),
    ],
)  # fmt: skip
def test_a_wrong_announcement_names_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(WrongOutage) as refused:
        check_announcement(said(**change), clock.now(), CITIES)
    assert refused.value.facts["field"] == field


def test_texts_and_whom_it_affects() -> None:
    with pytest.raises(WrongOutage):
        rules.texts_of({"text_en": "only English"})
    with pytest.raises(WrongOutage):
        rules.texts_of({"text_fa": "x" * 201})
    seen = {
        (audience, shop): is_for(audience, is_shop=shop, is_operator=False)
        for audience in rules.AUDIENCES
        for shop in (False, True)
    }
    assert [key for key, is_seen in seen.items() if not is_seen] == [("shops", False), ("pilgrims", True)]
    assert is_for("pilgrims", is_shop=True, is_operator=True)


@pytest.mark.parametrize(("is_locked", "outages"), [(False, 2), (True, 1)])
def test_a_form_that_is_sent_twice_at_once_announces_one_outage(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outages: int
) -> None:
    operator, _ = factories.account(session, Role.OPERATOR)
    if not is_locked:
        session.execute(text("ALTER TABLE outage DROP CONSTRAINT uq_outage_key"))
    session.commit()
    meet(monkeypatch, services, "check_announcement")
    key, what = str(uuid4()), said(tells_by_sms=False)
    assert twice(lambda one: services.announce(one, operator, key, what, CITIES)) == ["done", "done"]
    assert session.scalar(select(func.count()).select_from(Outage)) == outages
