"""Help cards: what is kept, what is shown to whom, who is told, and that nothing of it is left when its holder leaves."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.families.services import add_child, open_family, remove_member
from identity.errors import NotTheirHelper, WrongMobileNumber
from identity.helping import Act, allow_help, begin_help, end_help
from identity.models import Person
from identity.permissions import Identity, Role
from kernel import clock
from kernel.audit import AuditEntry
from kernel.errors import NotFound
from kernel.messages.queries import facts_sent_to
from kernel.outbox import Relay
from kernel.settings import load_settings
from merchants.models import Terminal
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.errors import HelpFieldNeeded, OtherEntry
from reservations.handlers import HANDLERS
from reservations.help.guarding import wards_of
from reservations.help.models import HelpCard, HelpView
from reservations.help.queries import asking_terminals, views_of, wish_of
from reservations.help.rules import HOUR, MOST_AN_HOUR, Shows, Wish, checked, first_name, told_of
from reservations.help.services import (
    VIEWS_KEPT,
    Asking,
    HelpAnswer,
    forget_old_views,
    keep_help_card,
    show_help,
)
from reservations.help.telling import (
    OFTEN,
    RINGS,
    SELDOM,
    alarms_of,
    look_again_after,
    see_alarm,
    told_by_viewer,
    told_of_views,
)
from reservations.leaving import leave_for_good
from reservations.lodging.rules import Party
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent
from tests.reservations import stays

LEADER, GUARDIAN, OPERATOR = "+989151234567", "+9647701234567", "+989150000009"
ALL = frozenset(Shows)
FULL = Wish(True, True, ALL, "زهرا", "علی", LEADER, "دیابت")


@pytest.fixture
def lost(session: Session) -> Identity:
    return factories.account(session, language="ar")[0]


@pytest.fixture
def terminal(session: Session) -> Terminal:
    return factories.terminal(session)


@pytest.fixture
def ask(session: Session, lost: Identity, terminal: Terminal) -> Callable[..., HelpAnswer]:
    def asked(key: str = "", content_hash: int = 1, person_id: int | None = lost.person_id) -> HelpAnswer:
        return show_help(session, Asking(key or str(uuid4()), content_hash, terminal.id, "fa", person_id))

    return asked


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The platform sends e-mail."""
    with monkeypatch.context() as patch:
        patch.setenv("PILGRIM_MAIL_PROVIDERS", "smtp+plain://127.0.0.1")
        patch.setenv("PILGRIM_MAIL_FROM", "pilgrim@example.org")
        load_settings.cache_clear()
        yield
    load_settings.cache_clear()


def deliver(session: Session) -> None:
    relay = Relay()
    for event, handler in HANDLERS:
        relay.on(event, handler)
    relay.deliver(session)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"has_agreed": False}, "has_agreed"), ({"shows": frozenset()}, "shows"), ({"called": " "}, "called"), ({"called": "x" * 41}, "called"),
        ({"leader_name": ""}, "leader_name"), ({"leader_mobile": ""}, "leader_mobile"), ({"leader_mobile": "12"}, "leader_mobile"), ({"alert": ""}, "alert"),
        ({"alert": "x" * 101}, "alert"),
    ],
)  # fmt: skip
def test_a_card_that_is_on_says_what_it_is_to_show(changes: dict[str, object], field: str) -> None:
    wish = Wish(**({name: getattr(FULL, name) for name in Wish.__slots__} | changes))  # type: ignore[arg-type]
    with pytest.raises((HelpFieldNeeded, WrongMobileNumber)) as refused:
        checked(wish)
    assert refused.value.facts["field"] == field


def test_a_card_that_is_off_needs_a_name_alone_and_numbers_are_read_as_people_type_them() -> None:
    off = checked(Wish(False, False, frozenset(), " زهرا ", "", "", ""))
    assert (off.called, off.leader_mobile) == ("زهرا", "")
    assert checked(Wish(True, True, frozenset({Shows.LEADER}), "x", "y", "۰۹۱۵ ۱۲۳ ۴۵۶۷", "")).leader_mobile == LEADER
    assert told_of(["name", "leader"], {"name": "a", "language": "fa", "leader": "b", "mobile": "c", "alert": "d"}) == {
        "name": "a",
        "leader": "b",
        "mobile": "c",
    }
    assert (first_name("زهرا احمدی"), first_name("")) == ("زهرا", "")


def test_a_terminal_shows_what_is_allowed_and_nothing_while_the_card_is_off(
    session: Session, lost: Identity, ask: Callable[..., HelpAnswer]
) -> None:
    assert ask() == HelpAnswer("refused")
    assert wish_of(session, lost.person_id).is_on is False
    keep_help_card(session, lost, lost.person_id, FULL)
    shown = ask()
    assert (shown.outcome, shown.calls_somebody) == ("shown", True)
    assert shown.told == {"name": "زهرا", "language": "ar", "leader": "علی", "mobile": LEADER, "alert": "دیابت"}
    keep_help_card(session, lost, lost.person_id, Wish(True, True, frozenset({Shows.NAME}), "زهرا", "علی", LEADER, "دیابت"))
    assert ask().told == {"name": "زهرا"}
    keep_help_card(session, lost, lost.person_id, Wish(False, False, ALL, "زهرا", "علی", LEADER, "دیابت"))
    assert ask() == HelpAnswer("refused")
    assert wish_of(session, lost.person_id).alert == "دیابت", "what was written is there when it is switched on again"
    told = [(row.view.outcome, row.view.shown) for row in views_of(session, lost.person_id)]
    assert told == [("refused", []), ("shown", ["name"]), ("shown", sorted(ALL)), ("refused", [])]
    with statements_sent() as sent:
        assert len(views_of(session, lost.person_id, limit=2)) == 2
    assert len(sent) == 1


def test_nothing_of_the_card_stands_readable_where_it_need_not(
    session: Session, lost: Identity, ask: Callable[..., HelpAnswer]
) -> None:
    keep_help_card(session, lost, lost.person_id, FULL)
    ask()
    assert "دیابت".encode() not in (session.get_one(HelpCard, lost.person_id).alert_sealed or b"")
    kept = [
        str(row.before) + str(row.after) for row in session.scalars(select(AuditEntry).where(AuditEntry.subject == "help_card"))
    ]
    outbox = session.scalars(text("SELECT payload::text FROM outbox_event")).all()
    assert kept
    for said in (*kept, *outbox):
        assert not any(word in said for word in ("زهرا", "علی", LEADER, "دیابت"))


def test_the_house_of_the_stay_is_told(session: Session, lost: Identity, ask: Callable[..., HelpAnswer]) -> None:
    stay = stays.lodging(session)
    room = stays.rooms(session, stay)
    stays.price(session, stay, room)
    keep_help_card(session, lost, lost.person_id, FULL)
    booking = hold(session, lost, Ask(str(uuid4()), stays.nights(0), (Wanted(room.id, 1, Party(men=1)),)))
    assert "lodging" not in ask().told, "not paid yet"
    session.commit()
    pay(session, lost, booking.id, factories.card(session, person_id=lost.person_id, money_rial=9_000_000).id, str(uuid4()))
    assert ask().told["lodging"] == stay.lodging.names["fa"]
    with clock.frozen(booking.ends_at):
        assert "lodging" not in ask().told


def test_one_request_is_one_view_and_hears_no_more_than_is_allowed_by_now(
    session: Session, lost: Identity, ask: Callable[..., HelpAnswer]
) -> None:
    keep_help_card(session, lost, lost.person_id, FULL)
    assert ask("one") == ask("one")
    with pytest.raises(OtherEntry):
        ask("one", 2)
    keep_help_card(session, lost, lost.person_id, Wish(False, False, ALL, "x", "", "", ""))
    assert ask("one") == HelpAnswer("refused")
    assert session.scalar(select(func.count()).select_from(HelpView)) == 1


def test_leader_and_guardians_are_told_where_once_each_in_their_language(
    session: Session, lost: Identity, ask: Callable[..., HelpAnswer], terminal: Terminal
) -> None:
    guardian, seer = (factories.account(session, language="ur")[0] for _ in range(2))
    for who, mobile in ((guardian, GUARDIAN), (seer, "+923001234567")):
        session.get_one(Person, who.person_id).mobile = mobile
    begin_help(session, guardian, allow_help(session, lost, [Act.GUARD]))
    begin_help(session, seer, allow_help(session, lost, [Act.SEE]))
    with pytest.raises(NotTheirHelper):
        keep_help_card(session, seer, lost.person_id, FULL)
    card = keep_help_card(session, guardian, lost.person_id, FULL)
    assert (card.agreed_by, card.agreed_at is not None) == (guardian.person_id, True)
    ask("one")
    ask("one")
    deliver(session)
    deliver(session)
    for mobile in (LEADER, GUARDIAN):
        [told] = facts_sent_to(session, mobile, "help_shown")
        assert (told["called"], told["place"]) == ("زهرا", "شعبه")
        assert told["link"].rsplit("/", 1)[1].isdigit()
    assert facts_sent_to(session, "+923001234567", "help_shown") == []
    held = begin_help(session, factories.account(session)[0], allow_help(session, lost, [Act.GUARD]))
    end_help(session, lost, held.id)


def test_who_is_on_record_is_called_in_the_app_and_by_e_mail_and_it_is_seen_how_far_they_are(
    session: Session, lost: Identity, ask: Callable[..., HelpAnswer], mail: None
) -> None:
    leader, guardian, stranger = (factories.account(session)[0] for _ in range(3))
    session.get_one(Person, leader.person_id).mobile = LEADER
    session.get_one(Person, guardian.person_id).email = "guardian@example.org"
    begin_help(session, guardian, allow_help(session, lost, [Act.GUARD]))
    assert [look_again_after(session, one) for one in (leader, guardian)] == [SELDOM, SELDOM], "the card is off"
    keep_help_card(session, lost, lost.person_id, FULL)
    assert [look_again_after(session, one) for one in (leader, guardian, stranger, lost)] == [OFTEN, OFTEN, SELDOM, SELDOM]
    view_id = ask("one").view_id or 0
    assert ask("one").view_id == view_id
    for who in (leader, guardian):
        [alarm] = alarms_of(session, who.person_id)
        assert (alarm.view_id, alarm.called, alarm.branch_names["fa"], alarm.seen_at) == (view_id, "زهرا", "شعبه", None)
    assert alarms_of(session, stranger.person_id) == []
    with pytest.raises(NotFound):
        see_alarm(session, stranger, view_id)
    deliver(session)
    assert len(facts_sent_to(session, "guardian@example.org", "help_shown")) == 1
    for at in (clock.now(), clock.now() + timedelta(hours=1)):
        with clock.frozen(at):
            see_alarm(session, leader, view_id)
    [seen] = alarms_of(session, leader.person_id)
    assert (seen.seen_at or clock.now()) < clock.now() + timedelta(minutes=1), "the first time counts"
    told = told_of_views(session, lost.person_id, [session.get_one(HelpView, view_id)])[view_id]
    assert sorted((one.way, one.shown, one.state) for one in told) == [
        ("app", "", "seen"), ("app", "", "unseen"), ("email", "g•••@example.org", "waiting"), ("sms", "+98915•••••67", "waiting"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        told_by_viewer(session, stranger.person_id, view_id)
    with clock.frozen(clock.now() + RINGS + timedelta(minutes=1)):
        assert alarms_of(session, guardian.person_id) == []
    keep_help_card(session, lost, lost.person_id, Wish(False, False, ALL, "x", "", "", ""))
    assert alarms_of(session, guardian.person_id) == [], "nothing is told of a card that is off"


def test_the_head_of_a_family_keeps_the_childs_card_and_is_told_while_it_is_their_child(
    session: Session, ask: Callable[..., HelpAnswer], terminal: Terminal
) -> None:
    mother, other = (factories.account(session)[0] for _ in range(2))
    session.get_one(Person, mother.person_id).mobile = GUARDIAN
    family = open_family(session, factories.keystore(), ACTOR, mother.person_id, "fa")
    child = factories.person(session).id
    member = add_child(session, ACTOR, family.wallet_id, child).member_id
    with pytest.raises(NotTheirHelper):
        keep_help_card(session, other, child, FULL)
    keep_help_card(session, mother, child, Wish(True, True, frozenset({Shows.NAME}), "زهرا", "", "", ""))
    assert ([one.person_id for one in wards_of(session, mother)], wards_of(session, other)) == ([child], [])
    assert ask(person_id=child) == HelpAnswer("shown", {"name": "زهرا"}, calls_somebody=True)
    assert [len(alarms_of(session, one.person_id)) for one in (mother, other)] == [1, 0], (
        "nobody else is called, whoever has no number"
    )
    deliver(session)
    assert len(facts_sent_to(session, GUARDIAN, "help_shown")) == 1
    remove_member(session, ACTOR, family.wallet_id, member)
    with pytest.raises(NotTheirHelper):
        keep_help_card(session, mother, child, FULL)
    assert wards_of(session, mother) == []


def test_a_terminal_that_tries_card_after_card_is_stopped_and_reported_once(
    session: Session, lost: Identity, ask: Callable[..., HelpAnswer], terminal: Terminal
) -> None:
    operator, _ = factories.account(session, Role.OPERATOR)
    session.get_one(Person, operator.person_id).mobile = OPERATOR
    keep_help_card(session, lost, lost.person_id, FULL)
    strangers = [factories.person(session).id for _ in range(MOST_AN_HOUR - 1)]
    assert {ask(person_id=person_id).outcome for person_id in strangers} == {"refused"}
    assert [ask().outcome for _ in range(3)] == ["shown", "too_often", "too_often"]
    deliver(session)
    [told] = facts_sent_to(session, OPERATOR, "help_asked_too_often")
    assert (told["terminal"], told["link"].rsplit("/", 1)[1]) == (terminal.code, "help-requests")
    assert views_of(session, lost.person_id)[0].view.outcome == "too_often", "the holder sees that it was tried"
    [row] = asking_terminals(session, clock.now() - HOUR)
    assert (row.terminal.code, row.shown, row.refused, row.too_often) == (terminal.code, 1, MOST_AN_HOUR - 1, 2)
    with clock.frozen(clock.now() + HOUR + timedelta(seconds=1)):
        assert ask().outcome == "shown"
    assert ask(person_id=None) == HelpAnswer("refused")


def test_old_views_are_forgotten(session: Session, lost: Identity, ask: Callable[..., HelpAnswer]) -> None:
    with clock.frozen(clock.now() - VIEWS_KEPT - timedelta(minutes=1)):
        ask()
    ask()
    forget_old_views(session)
    assert len(views_of(session, lost.person_id)) == 1


def test_who_leaves_for_good_leaves_no_help_card(session: Session, lost: Identity, ask: Callable[..., HelpAnswer]) -> None:
    keep_help_card(session, lost, lost.person_id, FULL)
    ask()
    leave_for_good(session, lost)
    assert [session.scalar(select(func.count()).select_from(table)) for table in (HelpCard, HelpView)] == [0, 0]
