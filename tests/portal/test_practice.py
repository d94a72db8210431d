"""The lesson at the till: four steps, every kind of card, and nothing of it anywhere."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from merchants.till.errors import EmptyBasket
from merchants.till.practice import Part, Step, given_back, held, keyed
from merchants.till.rules import Line
from portal import till_words

SignIn = Callable[..., tuple[FlaskClient, Identity]]
LINES = (Line("Saffron", 2, 250_000), Line("", 1, 30_000))
FORM = {"line-code": ["", ""], "line-text": ["زعفران", ""], "line-count": ["۲", ""], "line-amount": ["۲۵۰٬۰۰۰", ""]}


def test_the_steps_follow_each_other_and_a_declined_card_keeps_its_step() -> None:
    assert (keyed(LINES).step, keyed(LINES).amount_rial) == (Step.CARD, 530_000)
    assert [(held(LINES, part).step, held(LINES, part).is_declined) for part in Part] == [(Step.AWAY, False)] + [
        (Step.CARD, True)
    ] * 3
    assert given_back(LINES).step is Step.RECEIPT
    with pytest.raises(EmptyBasket):
        keyed(())


def test_every_step_and_card_has_its_words() -> None:
    assert set(till_words.LESSON) == set(Step)
    assert set(till_words.PRACTICE_CARDS) == set(Part)


def test_a_cashier_practises_and_nothing_is_booked_or_kept(sign_in: SignIn, session: Session) -> None:
    cashier, _ = sign_in(Role.CASHIER)
    assert 'aria-current="step"' in cashier.get("/till/practice").text
    empty = cashier.post("/till/practice", data={"line-code": "", "line-text": "", "line-count": "", "line-amount": ""})
    assert empty.status_code == 422
    wrong = cashier.post("/till/practice", data=FORM | {"line-amount": ["much", ""]})
    assert 'value="much"' in wrong.text, "nothing typed is lost"
    assert "500,000" in cashier.post("/till/practice", data=FORM).text
    for part, sentence in (("empty", "Not enough money"), ("blocked", "Card blocked"), ("late", "Tap took too long")):
        page = cashier.post("/till/practice", data=FORM | {"act": "card", "part": part}).text
        assert sentence in page
        assert "no card is charged" in page
    assert "Paid, in practice" in cashier.post("/till/practice", data=FORM | {"act": "card", "part": "pays"}).text
    assert cashier.post("/till/practice", data=FORM | {"act": "card", "part": "magic"}).status_code == 422
    assert "PRACTICE" in cashier.post("/till/practice", data=FORM | {"act": "away"}).text
    assert session.execute(text("SELECT count(*) FROM ledger.request")).scalar() == 0
    assert session.execute(text("SELECT count(*) FROM till_sale")).scalar() == 0
