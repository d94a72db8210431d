"""Who is bound to a branch sees, opens and reads nothing of the shop's other branches."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.models import Membership
from identity.permissions import Identity, Role
from merchants.models import Branch, Terminal
from merchants.services import open_branch, open_terminal
from tests import factories
from tests.factories import ACTOR
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@dataclass
class Shop:
    organisation_id: int
    branches: list[Branch]
    tills: list[Terminal]
    receipts: list[str]


@pytest.fixture
def shop(session: Session) -> Shop:
    """A shop of two branches with a till and a sale each."""
    owner = factories.merchant(session)
    factories.contract(session, owner.id)
    branches = [open_branch(session, ACTOR, owner.id, factories.place(session).id, {"en": name}) for name in ("North", "South")]
    tills = [open_terminal(session, ACTOR, branch.id) for branch in branches]
    card = factories.card(session, money_rial=10_000_000)
    session.commit()
    receipts = []
    for number, till in enumerate(tills):
        _, answer = purchase(session, till.code, card, 111_000 * (number + 1))
        session.commit()
        receipts.append(f"/sales/{answer.business_date}/{answer.entry_id}")
    return Shop(owner.organisation_id, branches, tills, receipts)


@pytest.fixture
def bound(session: Session, sign_in: SignIn, shop: Shop) -> Callable[[Role], FlaskClient]:
    """Somebody with a role in the shop's first branch."""

    def made(role: Role) -> FlaskClient:
        client, identity = sign_in(role, shop.organisation_id)
        session.query(Membership).filter_by(person_id=identity.person_id).one().branch_id = shop.branches[0].id
        session.commit()
        return client

    return made


def test_a_branchs_cashier_sees_the_terminals_of_that_branch_only(bound: Callable[[Role], FlaskClient], shop: Shop) -> None:
    client = bound(Role.CASHIER)
    page = client.get("/terminals").text
    assert shop.tills[0].code in page
    assert shop.tills[1].code not in page
    assert [client.get(f"/terminals/{till.code}").status_code for till in shop.tills] == [200, 404]


def test_a_branchs_cashier_reads_the_sales_of_that_branch_only(
    bound: Callable[[Role], FlaskClient], sign_in: SignIn, shop: Shop
) -> None:
    client = bound(Role.CASHIER)
    page = client.get("/sales").text
    assert "111,000" in page
    assert "222,000" not in page
    assert "333,000" not in page
    assert [client.get(path).status_code for path in shop.receipts] == [200, 404]
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert "333,000" in owner.get("/sales").text
    assert [owner.get(path).status_code for path in shop.receipts] == [200, 200]


def test_a_branchs_manager_opens_tills_in_that_branch_only(bound: Callable[[Role], FlaskClient], shop: Shop) -> None:
    client = bound(Role.MERCHANT)
    page = client.get("/terminals/new").text
    assert "North" in page
    assert "South" not in page
    answers = [client.post("/terminals/new", data={"branch": branch.id, "key": str(uuid4())}) for branch in shop.branches]
    assert [answer.status_code for answer in answers] == [200, 404]
