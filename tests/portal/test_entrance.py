import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Role
from kernel.web.limits import SIGN_INS, check_limit
from portal.routes.entrance import _own_address
from portal.routes.onboarding.apply import FILES
from tests.factories import PASSWORD, account


@pytest.fixture
def name(session: Session) -> str:
    account(session, Role.OPERATOR, name="raahbar", language="en")
    session.commit()
    return "raahbar"


def test_signing_in_leads_to_the_first_page_of_the_role(visitor: FlaskClient, name: str) -> None:
    answer = visitor.post("/sign-in", data={"name": name, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/operator")
    assert visitor.get("/").location == "/operator"
    assert visitor.get("/sign-in").location == "/operator"


def test_a_wrong_password_is_answered_in_one_sentence_and_the_name_stays(visitor: FlaskClient, name: str) -> None:
    answer = visitor.post("/sign-in", data={"name": name, "password": "guess"})
    assert answer.status_code == 401
    assert "Name and password do not belong together." in answer.text
    assert 'value="raahbar"' in answer.text
    assert "guess" not in answer.text


def test_an_unknown_name_gets_the_same_sentence(visitor: FlaskClient, name: str) -> None:
    answer = visitor.post("/sign-in", data={"name": '"><b>', "password": "guess"})
    assert answer.status_code == 401
    assert "Name and password do not belong together." in answer.text
    assert "<b>" not in answer.text.split("<main")[1].split("Name and password")[0]


def test_missing_fields_and_too_many_tries_are_told(visitor: FlaskClient, name: str) -> None:
    assert visitor.post("/sign-in", data={"name": name}).status_code == 422
    answers = [visitor.post("/sign-in", data={"name": name, "password": "guess"}) for _ in range(6)]
    assert answers[-1].status_code == 429
    assert re.search(r"Please wait \d minutes", answers[-1].text)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/sign-in", {"name": "raahbar", "password": PASSWORD}),
        ("/invitation", {"name": "raahbar", "code": "0000-0000-0000", "password": PASSWORD}),
        ("/apply", {"name": "raahbar", "key": "00000000-0000-4000-8000-000000000000"}),
    ],
)
def test_an_address_that_tries_too_often_waits_and_keeps_what_it_typed(
    visitor: FlaskClient, name: str, clean_redis: object, address: str, form: dict[str, str]
) -> None:
    elsewhere = "203.0.113.7"
    for limit in (SIGN_INS, FILES):
        for _ in range(limit.a_minute):
            check_limit(limit, elsewhere)
    answer = visitor.post(address, data=form, environ_overrides={"REMOTE_ADDR": elsewhere})
    assert answer.status_code == 429
    assert re.search(r"too many requests. Please wait \d+ seconds", answer.text)
    assert 'value="raahbar"' in answer.text
    assert visitor.get("/account").status_code == 302


def test_the_page_asked_for_is_reached_after_signing_in(visitor: FlaskClient, name: str) -> None:
    sent_away = visitor.get("/terminals?after=T0000001")
    assert sent_away.status_code == 302
    form = visitor.get(sent_away.location)
    [onward] = re.findall(r'name="next" value="([^"]*)"', form.text)
    assert onward == "/terminals?after=T0000001"
    answer = visitor.post("/sign-in", data={"name": name, "password": PASSWORD, "next": onward})
    assert answer.location == onward


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)", "", "/a\nb"]
)
def test_no_address_leads_to_another_site(address: str) -> None:
    assert _own_address(address) == ""


def test_signing_out_ends_the_session(visitor: FlaskClient, name: str) -> None:
    visitor.post("/sign-in", data={"name": name, "password": PASSWORD})
    assert visitor.get("/account").status_code == 200
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.get("/account").status_code == 302


def test_a_form_without_its_token_is_refused(app: Flask, visitor: FlaskClient, name: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = visitor.post("/sign-in", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 400
    assert "load the page again" in answer.text


@pytest.mark.parametrize(
    ("language", "direction", "word"), [("fa", "rtl", "ورود"), ("en", "ltr", "Sign in"), ("ar", "rtl", "تسجيل الدخول")]
)
def test_the_language_is_chosen_by_a_link_and_remembered(app: Flask, language: str, direction: str, word: str) -> None:
    browser = app.test_client()
    asked = browser.get(f"/sign-in?lang={language}")
    again = browser.get("/sign-in")
    for page in (asked, again):
        assert f'<html lang="{language}" dir="{direction}"' in page.text
        assert word in page.text


def test_the_theme_cookie_is_read_and_anything_else_in_it_ignored(visitor: FlaskClient) -> None:
    visitor.set_cookie("theme", "dark")
    assert 'data-bs-theme="dark"' in visitor.get("/sign-in").text
    visitor.set_cookie("theme", '"><script>')
    assert 'data-bs-theme="light"' in visitor.get("/sign-in").text


def test_pages_carry_the_policy_and_are_not_kept_by_caches(visitor: FlaskClient) -> None:
    page = visitor.get("/sign-in")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    [script] = re.findall(r'src="(/static/built/app-[^"]+\.js)"', page.text)
    with visitor.get(script) as built:
        assert "immutable" in built.headers["Cache-Control"]


def test_the_map_is_served_in_parts(visitor: FlaskClient) -> None:
    with visitor.get("/static/map/pilgrim-lite.pmtiles", headers={"Range": "bytes=0-126"}) as part:
        assert (part.status_code, len(part.data), part.data[:7]) == (206, 127, b"PMTiles")


def test_an_unknown_address_gets_a_page_with_a_way_back(visitor: FlaskClient) -> None:
    answer = visitor.get("/nowhere")
    assert answer.status_code == 404
    assert "We did not find what you are looking for." in answer.text
