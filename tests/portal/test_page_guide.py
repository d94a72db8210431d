"""The page that docs/portal.md builds is a page."""

import re

import pytest
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.orm import Session

from identity.permissions import Role
from kernel.web.application import SESSION_COOKIE
from portal import door  # noqa: F401 - hangs the portal's own pages on the blueprint before the guide's
from portal.blueprint import blueprint
from tests import factories
from tests.conftest import ROOT
from wsgi import create_app


@pytest.fixture
def as_told(monkeypatch: pytest.MonkeyPatch, session: Session) -> FlaskClient:
    """A pilgrim's browser before an application that has the guide's route and template."""
    blocks = dict(re.findall(r"```(python|jinja)\n(.*?)```", (ROOT / "docs/portal.md").read_text(encoding="utf-8"), re.DOTALL))
    monkeypatch.setattr(blueprint, "_got_registered_once", False)  # another test's application has it already
    monkeypatch.setattr(blueprint, "deferred_functions", [*blueprint.deferred_functions])
    exec(compile(blocks["python"], "cities.py", "exec"), {"__name__": "portal.routes.cities"})
    monkeypatch.setattr(
        blueprint, "jinja_loader", ChoiceLoader([DictLoader({"cities.html": blocks["jinja"]}), blueprint.jinja_loader])
    )
    client = create_app().test_client()
    _, token = factories.account(session, Role.PILGRIM, language="fa")
    factories.city(session)
    session.commit()
    client.set_cookie(SESSION_COOKIE, token)
    return client


def test_the_page_of_the_guide_stands(as_told: FlaskClient) -> None:
    answer = as_told.get("/cities")
    assert answer.status_code == 200
    assert "مشهد" in answer.text
    assert 'dir="rtl"' in answer.text
