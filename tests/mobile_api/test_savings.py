"""What the card saved, over the API: the sums are those of the purchases, and nobody reads another's."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from tests import factories
from tests.merchants.savings.bought import BY_DISCOUNT, BY_PRICE, PAID, street
from tests.mobile_api.conftest import Caller
from tests.portal.conftest import statements_sent


def test_a_holder_reads_what_was_saved_by_month_by_trip_and_by_purchase(
    caller: Callable[..., Caller], bank_session: Session
) -> None:
    holder, stranger = caller(), caller()
    made = street(bank_session)
    card = factories.card(bank_session, person_id=holder.identity.person_id, money_rial=9_000_000)
    bank_session.commit()
    for _ in range(2):
        made.buy(bank_session, card)
    assert holder.get("/savings?by=week").json["facts"] == {"field": "by"}
    for by in ("month", "trip"):
        told = holder.get(f"/savings?by={by}").json
        [period] = told["periods"]
        assert told["saved"] == period["saved"]
        assert told["saved"]["saved_rial"] == 2 * (BY_PRICE + BY_DISCOUNT)
    with statements_sent() as sent:
        rows = holder.get(f"/savings/purchases?from={period['from']}&to={period['to']}").json
    assert len(sent) <= 6
    assert rows["saved"] == period["saved"]
    for name, figure in rows["saved"].items():
        assert figure == sum(one["saved"][name] for one in rows["purchases"])
    [newest, _] = rows["purchases"]
    entry = holder.get("/statement").json["entries"][0]
    assert (newest["entry"], newest["paid_rial"], entry["saved_rial"]) == (entry["id"], PAID, BY_PRICE + BY_DISCOUNT)
    receipt = holder.get(f"/receipts/{entry['id'][:10]}/{entry['id'][11:]}").json
    assert (receipt["card_price_saved_rial"], receipt["discount_rial"]) == (BY_PRICE, BY_DISCOUNT)
    older = holder.get(f"/savings/purchases?cursor={newest['entry']}").json["purchases"]
    assert [one["entry"] for one in older] == [rows["purchases"][1]["entry"]]
    assert holder.get("/savings/purchases?cursor=x").status_code == 422
    assert holder.get("/savings/purchases?from=2020-01-01&to=2026-01-01").status_code == 422
    assert stranger.get(f"/savings?wallet={card.wallet_id}").status_code == 404
