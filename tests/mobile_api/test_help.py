"""The help card over the API: by its holder, by a guardian, by nobody else; and its views."""

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy.orm import Session

from reservations.help.services import Asking, show_help
from tests import factories
from tests.mobile_api.conftest import Caller
from tests.mobile_api.test_family import helping
from tests.portal.conftest import statements_sent

WISH = {
    "is_on": True, "agree": True, "shows": ["name", "leader"], "called": "زهرا", "leader_name": "علی", "leader_mobile": "۰۹۱۵۱۲۳۴۵۶۷", "alert": "",
}  # fmt: skip


def ask(session: Session, person_id: int, times: int = 1) -> None:
    terminal = factories.terminal(session)
    for _ in range(times):
        show_help(session, Asking(str(uuid4()), 1, terminal.id, "fa", person_id))
    session.commit()


def test_a_holder_switches_the_card_on_and_sees_who_looked(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    assert holder.get("/help-card").json["is_on"] is False
    refused = holder.write("PUT", "/help-card", WISH | {"agree": False})
    assert (refused.status_code, refused.json["facts"]["field"]) == (422, "has_agreed")
    kept = holder.write("PUT", "/help-card", WISH)
    assert (kept.json["leader_mobile"], kept.json["shows"]) == ("+989151234567", ["leader", "name"])
    assert holder.write("PUT", "/help-card", WISH | {"shows": ["weight"]}).json["facts"] == {"field": "shows"}
    ask(bank_session, holder.identity.person_id, 3)
    [*_, first] = holder.get("/help-card/views").json["views"]
    assert (first["place"], first["outcome"], first["shown"]) == ("شعبه", "shown", ["leader", "name"])
    assert [one["view"] for one in holder.get(f"/help-card/views?before={first['view'] + 1}").json["views"]] == [first["view"]]
    told = holder.get("/me/export").json
    assert (told["help_card"]["called"], len(told["help_views"])) == ("زهرا", 3)
    with statements_sent() as sent:
        assert holder.get("/help-card/views").json["next"] is None
    assert len(sent) <= 8, "however many asked"


def test_a_guardian_is_called_in_the_app_and_the_holder_sees_that_it_was_seen(
    caller: Callable[..., Caller], bank_session: Session
) -> None:
    child, mother, stranger = caller(), caller(), caller()
    helping(child, mother, "guard")
    child.write("PUT", "/help-card", WISH)
    assert (mother.get("/help-card/alarms").json, stranger.get("/help-card/alarms").json) == (
        {"alarms": [], "next_seconds": 8}, {"alarms": [], "next_seconds": 900},
    )  # fmt: skip
    ask(bank_session, child.identity.person_id)
    [alarm] = mother.get("/help-card/alarms").json["alarms"]
    assert (alarm["called"], alarm["place"], alarm["seen_at"]) == ("زهرا", "شعبه", None)
    address = f"/help-card/alarms/{alarm['alarm']}/seen"
    assert (stranger.write("POST", address).status_code, mother.write("POST", address).status_code) == (404, 204)
    assert mother.get("/help-card/alarms").json["alarms"][0]["seen_at"]
    [view] = child.get("/help-card/views").json["views"]
    assert view["told"] == [{"way": "app", "to": "", "state": "seen"}, {"way": "sms", "to": "+98915•••••67", "state": "waiting"}]


def test_a_guardian_keeps_it_and_who_may_only_see_does_not(caller: Callable[..., Caller], bank_session: Session) -> None:
    child, mother, seer = caller(), caller(), caller()
    person = child.identity.person_id
    assert mother.write("PUT", "/help-card", WISH | {"person": person}).json["code"] == "not_their_helper"
    helping(child, mother, "guard")
    helping(child, seer, "see", "hold")
    assert mother.write("PUT", "/help-card", WISH | {"person": person}).status_code == 200
    assert child.get("/help-card").json["called"] == "زهرا"
    assert [one["person"] for one in mother.get("/help-card/wards").json["wards"]] == [person]
    assert (child.get("/help-card/wards").json, seer.get("/help-card/wards").json) == ({"wards": []}, {"wards": []})
    for path in (f"/help-card?person={person}", f"/help-card/views?person={person}"):
        assert (mother.get(path).status_code, seer.get(path).status_code) == (200, 404)
    assert mother.get(f"/wallets?person={person}").status_code == 404, "who guards does not see the purse"
