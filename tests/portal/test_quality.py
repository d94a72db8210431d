from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from insights.quality.rules import Fault
from insights.quality.services import look_at_next_shops
from portal import quality_words
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def test_every_fault_has_its_word() -> None:
    assert set(quality_words.FAULTS) == set(Fault)


def test_a_union_mends_from_the_worst_on_in_few_statements(sign_in: SignIn, session: Session) -> None:
    union = factories.organisation(session, "union")
    for _ in range(22):
        factories.merchant(session, union_id=union.id)
    stranger = factories.merchant(session)
    look_at_next_shops(session)
    client, _ = sign_in(Role.UNION, union.id)
    client.get("/quality")
    with statements_sent() as sent:
        page = client.get("/quality").text
    assert len(sent) <= 7
    assert page.count("Nobody signs in for the shop") == 21  # twenty rows and the filter
    assert "score=" in page
    assert "Shops: 22, counted " in page
    assert client.get("/quality?fault=no_price").text.count("No shop has this fault.") == 1
    assert client.get("/quality?fault=ugly").status_code == 422
    names = session.get_one(factories.Organisation, stranger.organisation_id).names
    assert names["en"] + "<" not in page


def test_a_shop_sees_where_it_mends_its_own(sign_in: SignIn, session: Session) -> None:
    shop = factories.merchant(session)
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    page = client.get("/quality/own").text
    assert "No approved bank account" in page
    assert 'href="/settlement/account"' in page
    assert client.get("/quality").status_code == 403
