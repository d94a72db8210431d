import pytest
from flask import Flask

from identity.permissions import Permission
from kernel.web.routes import undeclared_routes


@pytest.fixture
def app(application: Flask) -> Flask:
    return application


def test_every_route_states_a_permission_that_exists_or_that_it_is_public(app: Flask) -> None:
    assert undeclared_routes(app) == []
    asked_for = {getattr(view, "permission", None) for view in app.view_functions.values()} - {None}
    assert asked_for <= set(Permission)
    assert "cardbank:balance:view" in asked_for


def test_who_is_not_signed_in_reaches_no_guarded_route(app: Flask) -> None:
    client = app.test_client()
    guarded = [
        rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "permission", None) and "GET" in (rule.methods or ())
    ]
    assert len(guarded) > 5
    for rule in guarded:
        with app.test_request_context():
            values = {
                name: "2026-11-22" if name.endswith(("day", "date")) else "1" for name in rule.arguments
            }
            address = app.url_for(rule.endpoint, **values)
        answer = client.get(address)
        assert answer.status_code in (302, 401, 404), f"{rule} answers {answer.status_code}"
        assert answer.status_code != 302 or "/sign-in" in answer.location


def test_the_composition_root_stays_small() -> None:
    from pathlib import Path

    import wsgi

    assert len(Path(wsgi.__file__).read_text().splitlines()) < 80
