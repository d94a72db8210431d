import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.reasons import Reason
from identity.permissions import Identity, Role
from kernel.audit import AuditEntry
from merchants.models import Terminal
from tests import factories
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def till(session: Session) -> Terminal:
    made = factories.terminal(session)
    session.commit()
    return made


def test_a_terminal_shows_its_state_its_shop_and_its_last_messages(sign_in: SignIn, session: Session, till: Terminal) -> None:
    card = factories.card(session, money_rial=1_000_000)
    session.commit()
    purchase(session, till.code, card, 150_000)
    purchase(session, till.code, card, 99_000, refusal=Reason.CARD_LOST)
    operator, _ = sign_in(Role.OPERATOR)
    with statements_sent() as sent:
        page = operator.get(f"/terminals/{till.code}")
    assert page.status_code == 200
    for text in (till.code, till.acceptor_id, "Working", "150,000", "Card reported lost"):
        assert text in page.text
    assert till.initial_key_id not in page.text
    assert len(sent) <= 7


def test_the_operator_stops_a_terminal_and_lets_it_work_again(sign_in: SignIn, session: Session, till: Terminal) -> None:
    operator, identity = sign_in(Role.OPERATOR)
    page = operator.get(f"/terminals/{till.code}")
    assert "data-confirm=" in page.text
    answer = operator.post(f"/terminals/{till.code}/state", data={"act": "suspend", "why": "seen in the wrong street"})
    assert answer.status_code == 303
    assert "Suspended" in operator.get(answer.location).text
    session.expire_all()
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.why, entry.account_id) == ("seen in the wrong street", identity.sign_in_id)
    operator.post(f"/terminals/{till.code}/state", data={"act": "resume", "why": "back at its counter"})
    assert "Working" in operator.get(answer.location).text


@pytest.mark.parametrize(
    "form",
    [{}, {"act": "suspend"}, {"act": "close", "why": "x"}, {"act": "suspend", "why": " "}, {"act": "suspend", "why": "x" * 201}],
)
def test_a_change_of_state_needs_a_known_act_and_a_reason(sign_in: SignIn, till: Terminal, form: dict[str, str]) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    assert operator.post(f"/terminals/{till.code}/state", data=form).status_code == 422
    assert "Working" in operator.get(f"/terminals/{till.code}").text


def test_a_merchant_sees_only_terminals_of_its_own_and_stops_none(sign_in: SignIn, session: Session, till: Terminal) -> None:
    shop = factories.merchant(session)
    own = factories.terminal(session, shop=shop).code
    session.commit()
    merchant, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    listed = merchant.get("/terminals").text
    assert own in listed
    assert till.code not in listed
    assert merchant.get(f"/terminals/{own}").status_code == 200
    assert "Stop this terminal" not in merchant.get(f"/terminals/{own}").text
    assert merchant.get(f"/terminals/{till.code}").status_code == 404
    assert merchant.post(f"/terminals/{own}/state", data={"act": "suspend", "why": "x"}).status_code == 403


def test_terminals_are_paged_in_one_read(sign_in: SignIn, session: Session) -> None:
    for _ in range(21):
        factories.terminal(session)
    operator, _ = sign_in(Role.OPERATOR)
    with statements_sent() as sent:
        first = operator.get("/terminals")
    assert first.text.count('<th scope="row">') == 20
    assert len(sent) <= 3
    [older] = re.findall(r'href="(/terminals\?after=[^"]+)"', first.text)
    assert operator.get(older).text.count('<th scope="row">') == 1


def test_an_unknown_terminal_is_not_found(sign_in: SignIn) -> None:
    assert sign_in(Role.OPERATOR)[0].get("/terminals/T9999999").status_code == 404
