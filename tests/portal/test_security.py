"""The pages by which people protect their accounts, and by which the operator helps them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.settings import load_settings
from kernel.web.application import SESSION_COOKIE
from portal import devices
from tests.authenticators import code_at, with_authenticator
from tests.factories import PASSWORD, account
from tests.portal.conftest import statements_sent

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
)


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (FIREFOX, "firefox/linux"),
        (CHROME, "chrome/android"),
        (SAFARI, "safari/iphone"),
        (EDGE, "edge/windows"),
        ("curl/8", "/"),
        ("", "/"),
    ],
)
def test_a_device_is_two_words(told: str, word: str) -> None:
    assert devices.device_of(told) == word


def enrol(client: FlaskClient) -> tuple[str, list[str]]:
    """Add an authenticator by the pages: (secret, recovery codes)."""
    begun = client.post("/account/authenticator").text
    secret = re.findall(r'<p class="pan"><bdi dir="ltr">([A-Z2-7 ]+)</bdi>', begun)[0].replace(" ", "")
    done = client.post("/account/authenticator/confirm", data={"code": code_at(secret, clock.now())}).text
    return secret, re.findall(r'class="pan">([0-9A-Z-]{14})<', done)


def test_adding_an_authenticator_and_signing_in_with_it(visitor: FlaskClient, app: Flask, session: Session) -> None:
    account(session, Role.OPERATOR, name="raahbar", language="en")
    session.commit()
    visitor.post("/sign-in", data={"name": "raahbar", "password": PASSWORD})
    secret, codes = enrol(visitor)
    assert len(codes) == 10
    assert secret not in visitor.get("/account/authenticator").text
    visitor.post("/sign-out")

    half = visitor.post("/sign-in", data={"name": "raahbar", "password": PASSWORD, "next": "/terminals"})
    assert (half.status_code, half.location) == (303, "/sign-in/code?next=/terminals")
    assert SESSION_COOKIE not in "".join(half.headers.getlist("Set-Cookie"))
    assert visitor.get("/terminals").status_code == 302
    wrong = visitor.post("/sign-in/code", data={"code": "1"})
    assert wrong.status_code == 401
    assert "Wait for the next one in your app" in wrong.text
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        entered = visitor.post("/sign-in/code", data={"code": code_at(secret, clock.now()), "next": "/terminals"})
        assert (entered.status_code, entered.location) == (303, "/terminals")
        assert visitor.get("/terminals").status_code == 200
    by_recovery = app.test_client()
    by_recovery.post("/sign-in", data={"name": "raahbar", "password": PASSWORD})
    assert by_recovery.post("/sign-in/code", data={"code": codes[0]}).status_code == 303
    assert "recovery code" in by_recovery.get("/account?lang=en").text


def test_the_code_page_without_a_password_leads_back(visitor: FlaskClient) -> None:
    assert visitor.get("/sign-in/code").location == "/sign-in"
    over = visitor.post("/sign-in/code", data={"code": "123456"})
    assert over.status_code == 401
    assert "Please sign in again" in over.text


def test_a_wrong_first_code_keeps_the_page_and_shows_the_secret_no_more(
    sign_in: Callable[..., tuple[FlaskClient, Identity]],
) -> None:
    client, _ = sign_in(Role.PILGRIM)
    begun = client.post("/account/authenticator").text
    secret = re.findall(r'<p class="pan"><bdi dir="ltr">([A-Z2-7 ]+)</bdi>', begun)[0]
    answer = client.post("/account/authenticator/confirm", data={"code": "12345"})
    assert answer.status_code == 401
    assert "type its six digits" in answer.text
    assert secret not in answer.text
    assert (
        client.post("/account/authenticator/confirm", data={"code": code_at(secret.replace(" ", ""), clock.now())}).status_code
        == 200
    )


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_SECOND_STEP_REQUIRED", "true")
    load_settings.cache_clear()


def test_where_it_is_required_every_page_leads_to_the_authenticator_first(app: Flask, required: None, session: Session) -> None:
    account(session, Role.MERCHANT, name="merchant", language="en")
    session.commit()
    client = app.test_client()
    entered = client.post("/sign-in", data={"name": "merchant", "password": PASSWORD})
    assert entered.location == "/account/authenticator"
    for path in ("/sales", "/settlement", "/terminals"):
        sent = client.get(path)
        assert (sent.status_code, sent.location) == (302, "/account/authenticator"), path
    refused = client.post("/terminals/new", data={})
    assert refused.status_code == 403
    assert "Add one on your account page" in refused.text
    assert "works only with an authenticator" in client.get("/account/authenticator").text
    enrol(client)
    assert client.get("/settlement").status_code in (200, 404)
    assert client.get("/").location == "/sales"


def test_the_sessions_page_lists_devices_and_ends_them(app: Flask, session: Session) -> None:
    account(session, name="pilgrim", language="en")
    session.commit()
    here, there = app.test_client(), app.test_client()
    here.post("/sign-in", data={"name": "pilgrim", "password": PASSWORD}, headers={"User-Agent": FIREFOX})
    there.post("/sign-in", data={"name": "pilgrim", "password": PASSWORD}, headers={"User-Agent": CHROME})
    page = here.get("/account/sessions").text
    assert "Firefox on Linux" in page
    assert "Chrome on Android" in page
    assert "Mozilla" not in page
    numbers = re.findall(r'name="session" value="(\d+)"', page)
    assert len(numbers) == 2
    for number in numbers:
        assert here.post("/account/sessions/end", data={"session": number}).status_code == 303
    assert there.get("/me").status_code == 302
    again = here.post("/account/sessions/end", data={"session": numbers[0]})
    assert again.status_code == 404
    assert "has ended already" in again.text
    there.post("/sign-in", data={"name": "pilgrim", "password": PASSWORD})
    assert here.post("/account/sessions/end-others").status_code == 303
    assert there.get("/me").status_code == 302
    assert here.get("/me").status_code == 200


def test_the_sessions_page_asks_as_much_for_many_as_for_one(app: Flask, session: Session) -> None:
    _, token = account(session, name="pilgrim", language="en")
    session.commit()
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, token)
    counts = []
    for _ in range(2):
        with statements_sent() as sent:
            client.get("/account/sessions")
        counts.append(len(sent))
        for _ in range(5):
            app.test_client().post("/sign-in", data={"name": "pilgrim", "password": PASSWORD})
    assert counts[0] == counts[1] <= 4


def test_changing_the_password_says_what_is_wrong_and_signs_the_others_out(app: Flask, session: Session) -> None:
    account(session, name="pilgrim", language="en")
    session.commit()
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        client.post("/sign-in", data={"name": "pilgrim", "password": PASSWORD})
    for typed, status, sentence in (
        ({"password": "guess", "new_password": "another long password"}, 401, "This is not your present password."),
        ({"password": PASSWORD, "new_password": "short"}, 422, "at least 10 letters"),
        ({"password": PASSWORD, "new_password": PASSWORD}, 422, "This is your present password."),
    ):
        answer = here.post("/account/password", data=typed)
        assert answer.status_code == status
        assert sentence in answer.text
    assert here.post("/account/password", data={"password": PASSWORD, "new_password": "another long password"}).status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 302


@pytest.mark.parametrize("path", ["/account/authenticator", "/account/sessions", "/account/password"])
def test_the_account_pages_are_for_who_has_signed_in(visitor: FlaskClient, path: str) -> None:
    assert "/sign-in" in visitor.get(path).location


def test_the_operator_helps_somebody_who_lost_the_telephone(
    app: Flask, session: Session, sign_in: Callable[..., tuple[FlaskClient, Identity]]
) -> None:
    identity, token = account(session, Role.MERCHANT, name="shopkeeper", language="en")
    with_authenticator(session, identity, token)
    operator, own = sign_in(Role.OPERATOR)
    assert operator.post("/accounts", data={"name": "nobody at all"}).status_code == 404
    found = operator.post("/accounts", data={"name": "SHOPKEEPER"})
    address = f"/accounts/{identity.sign_in_id}"
    assert (found.status_code, found.location) == (303, address)
    assert "With authenticator" in operator.get(address).text
    unreasoned = operator.post(address, data={"act": "reset", "why": " "})
    assert unreasoned.status_code == 422
    assert "Say in one sentence why" in unreasoned.text
    assert operator.post(address, data={"act": "erase", "why": "x"}).status_code == 404
    assert operator.post(address, data={"act": "reset", "why": "lost telephone"}).status_code == 303
    assert "Password only" in operator.get(address).text
    client = app.test_client()
    assert client.post("/sign-in", data={"name": "shopkeeper", "password": PASSWORD}).location == "/sales"
    assert "The operator took your authenticator off." in client.get("/account").text
    assert operator.post(address, data={"act": "end", "why": "stolen"}).status_code == 303
    assert client.get("/sales").status_code == 302
    assert operator.post(f"/accounts/{own.sign_in_id}", data={"act": "reset", "why": "mine"}).status_code == 403
    assert operator.get("/accounts/999999").status_code == 404
