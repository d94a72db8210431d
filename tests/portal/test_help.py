"""The pages of a help card: what was typed is never lost, a guardian opens another's, the operator sees terminals and no person."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.helping import allow_help, begin_help
from identity.permissions import Identity, Role
from reservations.help.queries import wish_of
from reservations.help.rules import MOST_AN_HOUR
from reservations.help.services import Asking, show_help
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
FORM = {
    "act": "on", "has_agreed": "1", "shows": ["name", "leader"], "called": "زهرا", "leader_name": "علی", "leader_mobile": "۰۹۱۵ ۱۲۳ ۴۵۶۷", "alert": "",
}  # fmt: skip


def ask(session: Session, person_id: int, times: int = 1) -> Any:
    terminal = factories.terminal(session)
    for _ in range(times):
        show_help(session, Asking(str(uuid4()), 1, terminal.id, "fa", person_id))
    session.commit()
    return terminal


def test_a_holder_says_yes_and_sees_who_asked(session: Session, sign_in: SignIn) -> None:
    page, holder = sign_in(Role.PILGRIM)
    assert "Nobody asked yet" in page.get("/me/help").text
    assert page.post("/me/help", data=FORM).location == "/me/help?kept=1"
    ask(session, holder.person_id, 3)
    shown = page.get("/me/help").text
    assert shown.count('<li><span class="feed-mark') == 3
    assert all(word in shown for word in ('value="+989151234567"', "Switch it off", "Branch", "Who to call, with the number"))
    assert page.post("/me/help", data=FORM | {"act": "off"}).status_code == 303
    session.expire_all()
    assert (wish_of(session, holder.person_id).is_on, wish_of(session, holder.person_id).called) == (False, "زهرا")
    with statements_sent() as sent:
        page.get("/me/help")
    assert len(sent) <= 13, "however many asked"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"has_agreed": ""}, "agreed", "Nothing is shown without a yes"), ({"shows": []}, "shows", "tick at least one thing"),
        ({"leader_mobile": "12"}, "leader_mobile", "mobile number"), ({"shows": ["alert"]}, "alert", "write the medical alert"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_keeps_what_was_typed(
    session: Session, sign_in: SignIn, changes: dict[str, Any], field: str, sentence: str
) -> None:
    page, holder = sign_in(Role.PILGRIM)
    refused = page.post("/me/help", data=FORM | changes)
    assert refused.status_code == 422
    assert f'id="{field}-hint"' in refused.text
    assert sentence in refused.text
    assert 'value="علی"' in refused.text
    assert wish_of(session, holder.person_id).is_on is False


def test_a_guardian_opens_the_card_of_who_asked_for_it_and_of_nobody_else(session: Session, sign_in: SignIn) -> None:
    page, guardian = sign_in(Role.PILGRIM)
    child, _ = factories.account(session)
    session.commit()
    theirs = f"/me/help?person={child.person_id}"
    assert (page.get(theirs).status_code, page.post("/me/help", data=FORM | {"person": child.person_id}).status_code) == (404, 404)
    begin_help(session, guardian, allow_help(session, child, ["guard"]))
    session.commit()
    assert theirs.replace("&", "&amp;") in page.get("/me/help").text
    assert page.post("/me/help", data=FORM | {"person": child.person_id}).location == f"{theirs}&kept=1"
    assert "Switch it off" in page.get(theirs).text
    assert wish_of(session, child.person_id).is_on


def test_the_operator_sees_which_terminal_was_stopped_and_no_person(session: Session, sign_in: SignIn) -> None:
    page, _ = sign_in(Role.OPERATOR)
    assert "No terminal asked" in page.get("/help-requests").text
    lost = factories.person(session)
    terminal = ask(session, lost.id, MOST_AN_HOUR + 2)
    shown = page.get("/help-requests").text
    assert terminal.code in shown
    assert lost.names["fa"] not in shown
    assert "badge-bad" in shown
