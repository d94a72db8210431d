"""A payment is found by its code by those whose it is: its holder, its shop, the operator; for others there is none."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.reasons import Reason
from cardbank.references import retrieval_reference
from identity.models import Membership
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Branch, Merchant, Terminal
from merchants.payments import WrongPaymentCode, payment_of_code
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.pricing import price_lines
from tests import factories
from tests.factories import ACTOR
from tests.merchants.settlement import trade
from tests.portal.conftest import statements_sent
from tests.purchases import purchase, reverse

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def till_of_shop(session: Session) -> tuple[Terminal, int]:
    shop = trade.shop(session)
    factories.contract(session, shop.id)
    return factories.terminal(session, shop=shop), shop.organisation_id


def card_of(session: Session, holder: Identity) -> Card:
    card = factories.card(session, person_id=holder.person_id, money_rial=1_000_000)
    session.commit()
    return card


def test_each_side_sees_its_part_and_strangers_nothing(session: Session, sign_in: SignIn) -> None:
    till, organisation_id = till_of_shop(session)
    pilgrim, holder = sign_in(Role.PILGRIM)
    _, answer = purchase(session, till.code, card_of(session, holder), 150_000)
    code = retrieval_reference(answer.business_date, answer.entry_id)
    shop, operator, stranger, other = (
        sign_in(*who)[0] for who in ((Role.MERCHANT, organisation_id), (Role.OPERATOR,), (Role.PILGRIM,), (Role.MERCHANT,))
    )
    for client in (pilgrim, shop, operator):
        assert "150,000" in client.get(f"/payments?code={code.lower()}").text
    assert "Not settled yet" in shop.get(f"/payments?code={code}").text
    assert "Not settled yet" not in pilgrim.get(f"/payments?code={code}").text
    for client in (stranger, other):
        refused = client.get(f"/payments?code={code}")
        assert refused.status_code == 404
        assert "No payment with this code" in refused.text
        assert "150,000" not in refused.text
    close_now(session, ACTOR)
    session.commit()
    with statements_sent() as sent:
        page = shop.get(f"/payments?code={code}").text
    assert "In the statement of" in page
    assert "With the bank" in page
    assert len(sent) <= 9


def test_a_reversal_and_a_decline_are_told_with_their_times_and_reasons(session: Session, sign_in: SignIn) -> None:
    till, _ = till_of_shop(session)
    pilgrim, holder = sign_in(Role.PILGRIM)
    card = card_of(session, holder)
    key, answer = purchase(session, till.code, card, 90_000)
    reverse(session, till.code, card, key, 90_000)
    price_lines(session)
    session.commit()
    page = pilgrim.get("/payments", query_string={"code": retrieval_reference(answer.business_date, answer.entry_id)}).text
    assert "All of it went back to the card." in page
    declined, _ = purchase(session, till.code, card, 10_000, refusal=Reason.CARD_BLOCKED)
    session.commit()
    page = pilgrim.get("/payments", query_string={"code": f"{till.code}-{int(declined.key)}"}).text
    assert "Card blocked. No money has moved." in page
    assert "Declined" in page
    operator, _ = sign_in(Role.OPERATOR)
    assert "90,000" in operator.get("/payments", query_string={"code": f"{till.code} {int(key.key)}"}).text


def test_who_is_bound_to_a_branch_finds_its_payments_alone(session: Session, sign_in: SignIn) -> None:
    till, organisation_id = till_of_shop(session)
    _, holder = sign_in(Role.PILGRIM)
    _, answer = purchase(session, till.code, card_of(session, holder), 20_000)
    cashier, bound = sign_in(Role.CASHIER, organisation_id)
    code = retrieval_reference(answer.business_date, answer.entry_id)
    assert cashier.get(f"/payments?code={code}").status_code == 200
    merchant = session.query(Merchant).filter_by(organisation_id=organisation_id).one()
    elsewhere = Branch(merchant_id=merchant.id, place_id=factories.place(session).id, names={"fa": "دیگر"})
    session.add(elsewhere)
    session.flush()
    session.execute(update(Membership).where(Membership.person_id == bound.person_id).values(branch_id=elsewhere.id))
    session.commit()
    assert cashier.get(f"/payments?code={code}").status_code == 404


def test_a_code_that_is_none_is_told_so_and_kept_in_the_field(session: Session, sign_in: SignIn, visitor: FlaskClient) -> None:
    pilgrim, _ = sign_in(Role.PILGRIM)
    refused = pilgrim.get("/payments?code=123456")
    assert refused.status_code == 422
    assert "A code has twelve characters" in refused.text
    assert 'value="123456"' in refused.text
    assert pilgrim.get("/payments?code=T9999999 1").status_code == 404
    assert "Type the code" in pilgrim.get("/payments").text
    assert visitor.get("/payments").status_code == 302
    today = local_day(clock.now())
    assert payment_of_code(session, "۶۳۳۰۰۰۰۰۰۰۱Z", today) is None
    with pytest.raises(WrongPaymentCode):
        payment_of_code(session, "6330 0000 001I", today)
