"""The page of how the system is, the operator's announcements, and the banner of whom they affect."""

from collections.abc import Callable
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.watch import PARTS, note_look
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
FORM = {"kind": "outage", "audience": "shops", "parts": "card", "text_fa": "کارت کند است", "text_en": "Cards are slow"}


def test_everybody_sees_how_the_parts_are(visitor: FlaskClient, session: Session) -> None:
    assert "Not known" in visitor.get("/status").text
    note_look(session, True, dict.fromkeys(PARTS, True))
    session.commit()
    page = visitor.get("/status")
    assert "Everything works." in page.text
    assert "Not known" not in page.text
    note_look(session, True, dict.fromkeys(PARTS, True) | {"teller": False})
    session.commit()
    with statements_sent() as sent:
        page = visitor.get("/status")
    assert len(sent) <= 7
    assert "Does not answer" in page.text
    assert "Not everything works" in page.text
    assert "Everything works." not in page.text


def test_an_announcement_stands_above_the_pages_of_those_it_affects_until_it_is_over(
    sign_in: SignIn, visitor: FlaskClient, session: Session
) -> None:
    factories.city(session)
    operator, _ = sign_in(Role.OPERATOR)
    merchant, _ = sign_in(Role.MERCHANT)
    pilgrim, _ = sign_in(Role.PILGRIM)
    for change, sentence in (
        ({"text_fa": ""}, "Write in Persian what does not work"),
        ({"begins": "tomorrow"}, "Write the day as year/month/day and the hour"),
        ({"begins": "1405/13/40 10:00"}, "Write the day as year/month/day and the hour"),
        ({"ends": "1400/01/01 10:00"}, "The end comes after the beginning"),
        ({"cities": "rome"}, "Tick cities of the list"),
    ):
        refused = operator.post("/outages", data=FORM | {"key": str(uuid4())} | change)
        assert refused.status_code == 422, change
        assert sentence in refused.text
        assert "Cards are slow" in refused.text, "nothing typed is lost"
    key = str(uuid4())
    for _ in range(2):
        assert operator.post("/outages", data=FORM | {"key": key, "cities": "mashhad"}).status_code == 303
    page = operator.get("/outages").text
    assert page.count("/end") == 1
    assert "Cards are slow" in merchant.get("/account").text
    assert "Cards are slow" not in pilgrim.get("/account").text
    assert "Cards are slow" in visitor.get("/status").text
    assert operator.post("/outages/1/end").status_code == 303
    assert operator.post("/outages/1/end").status_code == 404
    assert "Cards are slow" not in merchant.get("/account").text
    assert "Cards are slow" in visitor.get("/status").text, "what is over stays to be read"


def test_the_api_tells_pilgrims_of_what_concerns_them(sign_in: SignIn, visitor: FlaskClient) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    operator.post("/outages", data=FORM | {"key": str(uuid4())})
    assert visitor.get("/api/v1/outages").json == {"outages": []}
    operator.post("/outages", data=FORM | {"key": str(uuid4()), "audience": "all", "kind": "maintenance"})
    [told] = visitor.get("/api/v1/outages?lang=en").json["outages"]
    assert (told["kind"], told["text"], told["parts"], told["ends_at"]) == ("maintenance", "Cards are slow", ["card"], None)
