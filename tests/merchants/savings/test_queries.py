"""What a wallet saved, as tills and the ledger hold it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from cardbank.services import new_request_key
from cardbank.statements import LONGEST_PERIOD
from kernel import clock
from kernel.calendar import local_day
from merchants.discounts.rules import CashDue
from merchants.discounts.services import note_cash_sale
from merchants.savings.queries import savings, savings_of_entries
from merchants.savings.rules import Sums, total
from merchants.till.queries import key_of
from merchants.till.services.selling import begin_sale
from tests import factories
from tests.merchants.savings.bought import BASKET, BY_DISCOUNT, BY_PRICE, PAID, street
from tests.portal.conftest import statements_sent
from tests.purchases import purchase, refund, reverse


def test_a_wallet_saved_what_its_standing_purchases_did(session: Session) -> None:
    made = street(session)
    card, today = factories.card(session, money_rial=9_000_000), local_day(clock.now())
    session.commit()
    code = made.at.till.code
    _, first = made.buy(session, card)
    earned = first.earned
    _, second = made.buy(session, card, spend_credit=True)
    undone, _ = made.buy(session, card)
    reverse(session, code, card, undone, PAID)
    refund(session, code, card, second, PAID // 2)
    purchase(session, factories.terminal(session).code, card, 50_000)
    with statements_sent() as sent:
        found = savings(session, card.wallet_id, [], today, today)
    assert len(sent) == 1
    assert earned > 0
    plain, halved, whole = (one.sums for one in found)
    assert (whole, plain) == (Sums(1, BY_PRICE, BY_DISCOUNT, 0, earned), Sums(1, 0, 0, 0, 0))
    assert (halved.prices_rial, halved.discounts_rial) == (BY_PRICE // 2, BY_DISCOUNT // 2)
    assert 0 < halved.credit_rial < earned, "a part of the credit came back"
    assert total(found).saved_rial == sum(one.saved_rial for one in found)
    by_entry = savings_of_entries(session, [(one.business_date, one.entry_id) for one in (first, second)])
    assert [one.cheaper_rial for one in by_entry.values()] == [BY_PRICE + BY_DISCOUNT] * 2, "a receipt says what it was"
    assert savings_of_entries(session, []) == {}
    assert savings(session, card.wallet_id, [], today - timedelta(9), today - timedelta(1)) == []
    with pytest.raises(ValueError, match="a year"):
        savings(session, card.wallet_id, [], today - LONGEST_PERIOD - timedelta(1), today)


def test_a_discount_card_saved_what_its_cash_sales_took_off(session: Session) -> None:
    made = street(session)
    card, today = factories.card(session), local_day(clock.now())
    sale = begin_sale(session, made.clerk, made.shift_id, new_request_key(), BASKET)
    due = CashDue(sale.amount_rial, sale.discount_rial)
    note_cash_sale(
        session,
        key_of(made.at.till.id, sale.key),
        due,
        merchant_id=made.at.merchant.id,
        terminal_id=made.at.till.id,
        card_id=card.id,
    )
    session.commit()
    [one] = savings(session, card.wallet_id, [card.id], today, today)
    assert (one.entry_id, one.paid_rial, one.sums) == (None, PAID, Sums(1, BY_PRICE, BY_DISCOUNT, 0, 0))
    assert savings(session, card.wallet_id, [], today, today) == []
