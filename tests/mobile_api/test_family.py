from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.errors import CodeRefused, HelpsAlready
from identity.helping import CODE_LIFE, allow_help, begin_help
from identity.models import Helping
from kernel import clock
from tests import factories
from tests.mobile_api.conftest import Caller


def helping(mother: Caller, son: Caller, *may: str) -> dict[str, object]:
    code = mother.write("POST", "/family/codes", {"may": list(may)})
    assert code.status_code == 201
    made = son.write("POST", "/family", {"code": code.json["code"].lower()})
    assert made.status_code == 201, made.text
    return made.json


def test_a_son_sees_his_mothers_purse_and_stops_her_card_because_she_said_so(
    caller: Callable[..., Caller], bank_session: Session
) -> None:
    mother, son, other = caller(), caller(), caller()
    person = mother.identity.person_id
    held = factories.card(bank_session, person_id=person, money_rial=700_000)
    bank_session.commit()
    for path in (f"/wallets?person={person}", f"/statement?person={person}", f"/cards?person={person}"):
        assert (son.get(path).status_code, son.get(path).json["code"]) == (404, "not_their_helper")
    made = helping(mother, son, "see", "hold")
    assert (made["person"], made["may"], made["is_mine"]) == (person, ["hold", "see"], True)
    assert [one["is_mine"] for one in mother.get("/family").json["helps"]] == [False]
    assert son.get(f"/wallets?person={person}").json["wallets"][0]["money_rial"] == 700_000
    entry = son.get(f"/statement?person={person}").json["entries"][0]["id"]
    receipt = f"/receipts/{entry[:10]}/{entry[11:]}"
    assert (son.get(f"{receipt}?person={person}").status_code, son.get(receipt).status_code) == (200, 404)
    assert son.write("POST", f"/cards/{held.id}/block", {"why": "lost"}).json["status"] == "blocked"
    assert other.write("POST", f"/cards/{held.id}/block", {"why": "lost"}).json["code"] == "card_not_found"

    assert other.write("DELETE", f"/family/{made['help']}").json["code"] == "helping_not_found"
    assert mother.write("DELETE", f"/family/{made['help']}").status_code == 204
    assert son.get(f"/wallets?person={person}").status_code == 404
    assert son.write("DELETE", f"/family/{made['help']}").status_code == 404


def test_who_may_see_may_not_stop(caller: Callable[..., Caller], bank_session: Session) -> None:
    mother, son = caller(), caller()
    held = factories.card(bank_session, person_id=mother.identity.person_id)
    bank_session.commit()
    helping(mother, son, "see")
    assert son.get(f"/cards?person={mother.identity.person_id}").json["cards"][0]["card"] == held.id
    assert son.write("POST", f"/cards/{held.id}/block", {"why": "holder"}).json["code"] == "card_not_found"


def test_a_code_is_for_another_once_and_for_a_day(caller: Callable[..., Caller], bank_session: Session) -> None:
    mother, son = caller(), caller()
    code = allow_help(bank_session, mother.identity, ["see"])
    with pytest.raises(CodeRefused):
        begin_help(bank_session, mother.identity, code)
    with clock.frozen(clock.now() + CODE_LIFE + timedelta(seconds=1)), pytest.raises(CodeRefused):
        begin_help(bank_session, son.identity, code)
    begin_help(bank_session, son.identity, code)
    with pytest.raises(CodeRefused):
        begin_help(bank_session, son.identity, code)
    with pytest.raises(HelpsAlready):
        begin_help(bank_session, son.identity, allow_help(bank_session, mother.identity, ["hold"]))
    assert len(bank_session.scalars(select(Helping).filter_by(helper_id=son.identity.person_id)).all()) == 1
    bank_session.rollback()


def test_an_act_that_is_none_is_told(caller: Callable[..., Caller]) -> None:
    assert caller().write("POST", "/family/codes", {"may": ["pay"]}).json["facts"] == {"field": "may"}
