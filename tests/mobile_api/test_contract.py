"""The frame that every operation has: keys against repeats, validators, compression, limits, and how it says no."""

import gzip
import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards.models import CardEvent
from cardbank.services import new_request_key, top_up_at_desk
from identity.services import begin_refresh
from kernel import clock
from kernel.db import unit_of_work
from kernel.repeats import Answer, KeptAnswer, KeyReused, forget_answers, keep_answer, take_key
from kernel.settings import load_settings
from kernel.web.limits import Limit, TooManyRequests, check_limit
from mobile_api import releases, wallets
from mobile_api.contract import operation
from mobile_api.releases import Release, Why
from tests.factories import ACTOR, PASSWORD, card
from tests.mobile_api.conftest import Caller
from tests.portal.conftest import statements_sent

LIFE = timedelta(days=1)


def test_a_write_is_done_once_and_answered_again(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    held = card(bank_session, person_id=holder.identity.person_id)
    bank_session.commit()
    key = str(uuid4())
    first = holder.write("POST", f"/cards/{held.id}/block", {"why": "holder"}, key)
    assert (first.status_code, first.json["status"], first.json["why_blocked"]) == (200, "blocked", "holder")
    assert holder.write("POST", f"/cards/{held.id}/unblock").json["status"] == "active"
    again = holder.write("POST", f"/cards/{held.id}/block", {"why": "holder"}, key)
    assert (again.status_code, again.json, again.headers["Idempotent-Replayed"]) == (200, first.json, "true")
    assert holder.get("/cards").json["cards"][0]["status"] == "active"
    assert bank_session.scalar(select(func.count()).select_from(CardEvent).filter_by(card_id=held.id, became="blocked")) == 1
    other = holder.write("POST", f"/cards/{held.id}/block", {"why": "lost"}, key)
    assert (other.status_code, other.json["code"]) == (422, "key_reused")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({}, 400, "key_missing"), ({"Idempotency-Key": "short"}, 422, "bad_input"), ({"Idempotency-Key": "x" * 65}, 422, "bad_input")],
)
def test_a_write_carries_a_key(caller: Callable[..., Caller], headers: dict[str, str], status: int, code: str) -> None:
    holder = caller()
    answer = holder.client.post("/api/v1/cards/1/block", json={"why": "holder"}, headers=holder.headers | headers)
    assert (answer.status_code, answer.json["code"], answer.json["facts"]) == (status, code, {"field": "Idempotency-Key"})


def test_a_refused_write_leaves_its_key_free(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, key = caller(), str(uuid4())
    held = card(bank_session, person_id=holder.identity.person_id)
    bank_session.commit()
    assert holder.write("POST", f"/cards/{held.id}/unblock", key=key).json["code"] == "card_transition_not_allowed"
    holder.write("POST", f"/cards/{held.id}/block", {"why": "holder"})
    assert holder.write("POST", f"/cards/{held.id}/unblock", key=key).json["status"] == "active"


def test_a_key_is_its_clients_own_and_its_answer_is_kept_sealed(api: Flask, bank_session: Session) -> None:
    said = Answer(200, '{"name": "زهرا"}')
    assert take_key(bank_session, "a", "key-0001", b"x", LIFE) is None
    with pytest.raises(KeyReused):
        take_key(bank_session, "a", "key-0001", b"x", LIFE)  # its own answer is not written yet
    keep_answer(bank_session, "a", "key-0001", said)
    assert take_key(bank_session, "b", "key-0001", b"y", LIFE) is None
    assert take_key(bank_session, "a", "key-0001", b"x", LIFE) == said
    assert "زهرا".encode() not in bank_session.get_one(KeptAnswer, ("a", "key-0001")).answer_sealed
    with clock.frozen(clock.now() + LIFE):
        assert take_key(bank_session, "a", "key-0001", b"other", LIFE) is None
    forget_answers(bank_session)
    bank_session.rollback()


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_requests_with_one_key_at_once_are_one(api: Flask, is_locked: bool) -> None:
    """The race is there when both look first and write then; with the key taken first, the second waits and hears the answer."""
    key, done, both = str(uuid4()), [], threading.Barrier(2, timeout=10)

    def act() -> None:
        with unit_of_work() as session:
            if is_locked:
                both.wait()
                if take_key(session, "race", key, b"x", LIFE) is not None:
                    return
            else:
                known = session.get(KeptAnswer, ("race", key))
                both.wait()
                if known is not None:
                    return
            done.append(1)
            if is_locked:
                keep_answer(session, "race", key, Answer(204, ""))

    workers = [threading.Thread(target=act) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(done) == (1 if is_locked else 2)


def test_what_the_client_has_is_not_sent_again(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    held = card(bank_session, person_id=holder.identity.person_id, money_rial=700_000)
    bank_session.commit()
    first = holder.get("/wallets")
    assert first.headers["Cache-Control"] == "private, no-cache"
    with clock.frozen(clock.now() + timedelta(minutes=1)):  # `at` alone is another one
        again = holder.get("/wallets", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    top_up_at_desk(bank_session, ACTOR, held.id, 1_000, new_request_key())
    bank_session.commit()
    assert holder.get("/wallets", If_None_Match=first.headers["ETag"]).json["wallets"][0]["money_rial"] == 701_000


def test_a_full_page_of_the_statement_is_small_and_costs_few_reads(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    held = card(bank_session, person_id=holder.identity.person_id, money_rial=1_000_000_000)
    bank_session.commit()
    for _ in range(wallets.MOST_LINES):
        top_up_at_desk(bank_session, ACTOR, held.id, 1_000_000_000, new_request_key())
        bank_session.commit()
    with statements_sent() as sent:
        page = holder.get(f"/statement?limit={wallets.MOST_LINES}")
    assert (len(page.json["entries"]), page.json["next"] is None) == (wallets.MOST_LINES, False)
    assert len(page.data) <= 9_000  # a top-up names no shop, which takes up to 40 bytes of the 10,000
    assert len(sent) <= 4
    packed = holder.get(f"/statement?limit={wallets.MOST_LINES}", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == page.data
    assert len(packed.data) < 2_500


def test_an_operation_that_will_go_says_so(caller: Callable[..., Caller]) -> None:
    answer = caller().get("/balance")
    assert answer.headers["Deprecation"] == "@1795651200"
    assert answer.headers["Sunset"] == "Wed, 26 May 2027 00:00:00 GMT"
    assert answer.headers["Link"] == '</api/v1/wallets>; rel="successor-version"'


@pytest.mark.parametrize(("language", "start"), [("fa", "تعداد"), ("en", "These were too many requests.")])
def test_who_asks_too_often_is_told_when_to_come_again(
    caller: Callable[..., Caller], clean_redis: object, monkeypatch: pytest.MonkeyPatch, language: str, start: str
) -> None:
    monkeypatch.setenv("PILGRIM_API_REQUESTS_PER_MINUTE", "2")
    load_settings.cache_clear()
    holder, other = caller(language=language), caller()
    answers = [holder.get("/cards") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].json["code"], answers[2].json["detail"].startswith(start)) == ("too_many_requests", True)
    assert 0 < int(answers[2].headers["Retry-After"]) <= 30
    assert other.get("/cards").status_code == 200
    monkeypatch.undo()
    load_settings.cache_clear()


def test_a_limit_without_redis_holds_nobody_back(monkeypatch: pytest.MonkeyPatch, clean_redis: object) -> None:
    limit = Limit("test", 1)
    check_limit(limit, "somebody")
    with pytest.raises(TooManyRequests):
        check_limit(limit, "somebody")
    check_limit(limit, "somebody else")
    monkeypatch.setenv("REDIS_URL", "unix:///nowhere.sock")
    load_settings.cache_clear()
    check_limit(limit, "somebody")
    monkeypatch.undo()
    load_settings.cache_clear()


def test_a_nul_in_a_text_is_refused_before_the_database_sees_it(api: Flask) -> None:
    client = api.test_client()
    for answer in (
        client.post("/api/v1/session", json={"name": "a\0b", "password": PASSWORD}),
        client.post("/api/v1/session?x=%00", json={"name": "ab", "password": PASSWORD}),
    ):
        assert (answer.status_code, answer.json["facts"]) == (422, {"field": "body"})


def test_a_renewal_whose_answer_was_lost_is_answered_again(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    token, key = begin_refresh(bank_session, holder.identity.sign_in_id), {"Idempotency-Key": str(uuid4())}
    bank_session.commit()
    asked = {"path": "/api/v1/session/refresh", "json": {"refresh_token": token}}
    first, again = (holder.client.post(**asked, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert holder.client.post(**asked, headers={"Idempotency-Key": str(uuid4())}).json["facts"] == {"reason": "reused"}


def test_a_declaration_that_does_not_fit_its_view_stops_the_start() -> None:
    def view(visit: object, card_id: int) -> None: ...

    with pytest.raises(TypeError, match="the view's arguments"):
        operation("POST", "/x/{other}", tag="x", permission=None)(view)


def test_an_app_that_is_too_old_is_told_why(api: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api.test_client()
    monkeypatch.setattr(releases, "RELEASES", (Release(1), Release(2, Why.SAFETY), Release(3), Release(4, Why.PASSES), Release(5)))
    for said, fault in (
        ("1", "passes"),
        ("3", "passes"),
        ("4", None),
        ("5", None),
        ("99", None),
        ("x", None),
        ("²", None),
        ("", None),
    ):
        answer = client.get("/api/v1/cities", headers={"Pilgrim-App": said, "Accept-Language": "en"})
        assert answer.status_code == (426 if fault else 200), said
        if fault:
            assert (answer.json["code"], answer.json["facts"]) == ("app_too_old", {"fault": fault, "newest": 5})
            assert answer.json["detail"].startswith("Doors do not take the passes of this version")
    assert client.get("/api/v1/cities").status_code == 200
