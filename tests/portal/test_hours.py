"""The pages of a shop's branches and their hours."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from merchants.services import open_branch
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
WEEK = {
    "week": "۸ تا ۱۳، ۱۶ تا ۲۱",
    "thursday": "sunrise to 30 minutes before noon",
    "friday": "",
    "holiday": "بسته",
    "ramadan": "",
}


@pytest.fixture
def shop(session: Session) -> tuple[int, int]:
    """(organisation, branch)."""
    merchant = factories.merchant(session)
    branch = open_branch(session, ACTOR, merchant.id, factories.place(session).id, {"fa": "شعبه", "en": "Bazaar branch"})
    session.commit()
    return merchant.organisation_id, branch.id


def test_hours_are_typed_in_words_and_said_in_a_sentence(shop: tuple[int, int], sign_in: SignIn) -> None:
    client, _ = sign_in(Role.MERCHANT, shop[0])
    with clock.frozen(NOON):
        assert "No hours yet" in client.get("/branches").text
        assert client.post(f"/branches/{shop[1]}/hours", data=WEEK).status_code == 303
        page = client.get("/branches").text
        assert "Saturday to Wednesday from 8:00 to 13:00 and from 16:00 to 21:00" in page
        assert "Thursday from sunrise to 30 minutes before the noon adhan; Friday closed; public holidays closed" in page
        assert "Open until 13:00" in page
        assert "Last confirmed 22 November 2026" in page
        form = client.get(f"/branches/{shop[1]}/hours").text
    assert 'value="8:00-13:00,16:00-21:00"' in form
    assert "06:19 to 10:49" in form


def test_a_row_that_cannot_be_read_is_told_beside_it_and_nothing_typed_is_lost(shop: tuple[int, int], sign_in: SignIn) -> None:
    client, _ = sign_in(Role.MERCHANT, shop[0])
    answer = client.post(f"/branches/{shop[1]}/hours", data=WEEK | {"thursday": "in the morning"})
    assert answer.status_code == 422
    assert "“in the morning” cannot be read" in answer.text
    assert 'id="thursday-hint"' in answer.text
    assert 'value="۸ تا ۱۳، ۱۶ تا ۲۱"' in answer.text


def test_a_rule_is_typed_whole_and_its_wrong_part_is_named(shop: tuple[int, int], sign_in: SignIn) -> None:
    client, _ = sign_in(Role.MERCHANT, shop[0])
    refused = client.post(f"/branches/{shop[1]}/hours", data={"hours": "Sa-We 08:00-13:00; Xx 1-2"})
    assert refused.status_code == 422
    assert "“Xx 1-2” cannot be read" in refused.text
    assert 'value="Sa-We 08:00-13:00; Xx 1-2"' in refused.text
    assert client.post(f"/branches/{shop[1]}/hours", data={"hours": "Nov-Mar 10:00-16:00"}).status_code == 303
    page = client.get(f"/branches/{shop[1]}/hours").text
    assert 'value="Nov-Mar 10:00-16:00"' in page


def test_confirming_keeps_the_hours(shop: tuple[int, int], sign_in: SignIn) -> None:
    client, _ = sign_in(Role.MERCHANT, shop[0])
    client.post(f"/branches/{shop[1]}/hours", data=WEEK)
    with clock.frozen(NOON):
        assert client.post(f"/branches/{shop[1]}/hours/confirm").status_code == 303
        page = client.get("/branches").text
    assert "Last confirmed 22 November 2026" in page
    assert "Friday closed" in page


def test_the_list_asks_as_much_for_many_branches_as_for_few(session: Session, shop: tuple[int, int], sign_in: SignIn) -> None:
    client, _ = sign_in(Role.MERCHANT, shop[0])
    client.post(f"/branches/{shop[1]}/hours", data=WEEK)
    counts = []
    for more in (0, 25):
        for _ in range(more):
            open_branch(session, ACTOR, merchant_of(session, shop[1]), factories.place(session).id, {"fa": "شعبه"})
        session.commit()
        with statements_sent() as sent:
            page = client.get("/branches").text
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 6
    assert "after=" in page


def merchant_of(session: Session, branch_id: int) -> int:
    from merchants.models import Branch

    return session.get_one(Branch, branch_id).merchant_id
