from collections.abc import Callable

from sqlalchemy.orm import Session

from tests import factories
from tests.mobile_api.conftest import Caller


def test_a_person_lets_an_organisation_write_and_ends_it(caller: Callable[..., Caller], bank_session: Session) -> None:
    shop, operator = factories.organisation(bank_session), factories.organisation(bank_session, "operator")
    bank_session.commit()
    holder = caller(language="en")
    assert holder.get("/me/senders").json == {"senders": []}
    [told] = holder.write("PUT", f"/me/senders/{shop.id}").json["senders"]
    assert (told["organisation"], told["name"]) == (shop.id, shop.names["en"])
    assert holder.write("PUT", f"/me/senders/{shop.id}").json["senders"] == [told]
    assert holder.get("/me/export").json["person"]["agreements"][0]["since"] == told["since"]
    assert holder.write("PUT", f"/me/senders/{operator.id}").status_code == 404
    assert holder.write("DELETE", f"/me/senders/{shop.id}").json == {"senders": []}
    assert caller().write("DELETE", f"/me/senders/{shop.id}").json == {"senders": []}
