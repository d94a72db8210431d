from collections.abc import Callable

from sqlalchemy.orm import Session

from cardbank.cards.codes import read_code
from kernel import clock
from tests import factories
from tests.mobile_api.conftest import Caller


def test_a_code_stands_for_the_holders_own_card_while_it_may_pay(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, other = caller(), caller()
    held = factories.card(bank_session, person_id=holder.identity.person_id)
    bank_session.commit()
    told = holder.get(f"/cards/{held.id}/code").json
    assert read_code(factories.keystore(), told["code"]["text"], clock.now()).card_id == held.id
    assert len(told["code"]["rows"]) == len(told["code"]["rows"][0]) >= 21
    assert other.get(f"/cards/{held.id}/code").json["code"] == "card_not_found"
    holder.write("POST", f"/cards/{held.id}/block", {"why": "holder"})
    refused = holder.get(f"/cards/{held.id}/code")
    assert (refused.status_code, refused.json["code"]) == (409, "card_not_usable")
