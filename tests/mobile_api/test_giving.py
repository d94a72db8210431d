"""Giving and leaving by the app."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from identity.models import Person
from merchants.giving.services import register_receiver
from merchants.settlement.models import BankAccount
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import approve_account
from tests import factories
from tests.factories import ACTOR
from tests.mobile_api.conftest import Caller

SHEBA = make_sheba("017", "815")


def test_a_holder_gives_and_leaves_with_the_rest(caller: Callable[..., Caller], bank_session: Session) -> None:
    giver, other = caller(), caller()
    made = register_receiver(bank_session, ACTOR, 1, {"fa": "خیریه"}, {"fa": "کمک به نیازمندان"}, ["charity"], SHEBA, "خیریه")
    approve_account(bank_session, ACTOR, 2, bank_session.query(BankAccount).filter_by(merchant_id=made.merchant_id).one().id)
    bank_session.commit()
    card = factories.card(bank_session, person_id=giver.identity.person_id, money_rial=300_000)
    bank_session.commit()
    [shown] = giver.get("/receivers").json["receivers"]
    assert (shown["receiver"], shown["name"], shown["causes"]) == (made.merchant_id, "خیریه", ["charity"])
    gift = {"card": card.id, "receiver": made.merchant_id, "cause": "charity", "amount_rial": 100_000}
    given = [giver.write("POST", "/givings", gift, key="a-gift-once") for _ in range(2)]
    assert [(one.status_code, one.json["left_rial"]) for one in given] == [(201, 200_000)] * 2
    assert giver.write("POST", "/givings", gift | {"cause": "vow"}).json["code"] == "wrong_cause"
    assert other.write("POST", "/givings", gift).json["code"] == "card_not_found"

    path = f"/cards/{card.id}/leaving"
    assert giver.get(path).json == {"money_rial": 200_000, "lapses_rial": 0, "owed_rial": 0}
    assert [other.get(path).status_code, other.write("POST", path, {"way": "gift", "receiver": 1, "cause": "vow"}).status_code] == [
        404,
        404,
    ]
    wish = {"way": "sheba", "sheba": SHEBA, "holder_name": "somebody"}
    assert giver.write("POST", path, wish).json["code"] == "wrong_holder"
    name = bank_session.get_one(Person, giver.identity.person_id).names["fa"]
    left = [giver.write("POST", path, wish | {"holder_name": name}, key="leave-once-only") for _ in range(2)]
    assert [(one.status_code, one.json["amount_rial"], one.json["left_rial"]) for one in left] == [(201, 200_000, 0)] * 2
    assert giver.get("/cards").json["cards"][0]["status"] == "refunded"
    assert giver.write("POST", path, wish | {"holder_name": name}).json["code"] == "nothing_to_pay_out"
