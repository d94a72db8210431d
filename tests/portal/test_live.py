from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.reasons import Reason
from identity.permissions import Identity, Role
from kernel import clock
from tests import factories
from tests.factories import SHRINE
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def operator(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


def test_the_page_tells_where_its_baskets_come_from(operator: FlaskClient) -> None:
    page = operator.get("/operator")
    assert page.status_code == 200
    assert "real retail purchases of the United States (2017)" in page.text
    assert "They are not purchases of Mashhad." in page.text
    assert "OpenStreetMap contributors" in page.text


def test_the_page_reads_the_tills_of_its_taps_alone(operator: FlaskClient, session: Session) -> None:
    till, card = factories.terminal(session), factories.card(session, money_rial=1_000_000)
    for _ in range(3):
        factories.terminal(session)
    session.commit()
    purchase(session, till.code, card, 150_000)
    with statements_sent() as sent:
        page = operator.get("/operator").text
    assert "150,000" in page
    assert "/shops/map.json" in page
    assert len(sent) <= 6
    assert not any("ST_MakeEnvelope" in statement for statement in sent)


def test_new_taps_arrive_by_the_feed_oldest_first(operator: FlaskClient, session: Session) -> None:
    till, card = factories.terminal(session), factories.card(session, money_rial=1_000_000)
    code = till.code
    session.commit()
    start = clock.now() + timedelta(seconds=6)
    assert operator.get("/operator/feed", query_string={"after": start.isoformat()}).json["rows"] == []
    purchase(session, code, card, 150_000)
    purchase(session, code, card, 70_000, refusal=Reason.CARD_BLOCKED)
    with statements_sent() as sent:
        answer = operator.get("/operator/feed", query_string={"after": clock.now().isoformat()})
    _, bought, refused = answer.json["rows"]
    assert (bought["place"], bought["approved"], refused["approved"]) == (pytest.approx([SHRINE[1], SHRINE[0]]), True, False)
    assert "150,000" in bought["html"]
    assert "Card blocked" in refused["html"]
    assert card.masked[-4:] not in answer.text
    assert len(sent) <= 5
    later = clock.now() + timedelta(seconds=6)
    assert operator.get("/operator/feed", query_string={"after": later.isoformat()}).json["rows"] == []


def test_the_figures_count_the_day(operator: FlaskClient, session: Session) -> None:
    till, card = factories.terminal(session), factories.card(session, money_rial=1_000_000)
    session.commit()
    purchase(session, till.code, card, 150_000)
    figures = operator.get("/operator/feed", query_string={"after": clock.now().isoformat()}).json["figures"]
    assert figures["accepted"].startswith("1 ")
    assert "150,000" in figures["amount"]
    assert figures["declined"].startswith("0 ")
    assert "None today" in figures["declined_note"]


def test_the_totals_are_read_once_for_many_lookers(operator: FlaskClient) -> None:
    after = clock.now().isoformat()
    operator.get("/operator/feed", query_string={"after": after})
    with statements_sent() as sent:
        for _ in range(3):
            assert operator.get("/operator/feed", query_string={"after": after}).status_code == 200
    assert sum("GROUP BY kind" in statement for statement in sent) <= 1


@pytest.mark.parametrize("after", ["", "yesterday", "2026-11-22T10:00:00", "2026-99-22T10:00:00+00:00"])
def test_a_malformed_position_is_refused(operator: FlaskClient, after: str) -> None:
    assert operator.get("/operator/feed", query_string={"after": after}).status_code == 422


def test_other_roles_do_not_see_it(sign_in: SignIn) -> None:
    for role in (Role.PILGRIM, Role.MERCHANT, Role.CITY_MANAGER):
        client, _ = sign_in(role)
        assert client.get("/operator").status_code == 403
        assert client.get("/operator/feed").status_code == 403
