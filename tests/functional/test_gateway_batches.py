"""A terminal's close through the real gateway and teller: equal, different, repeated, uploaded, and beside a purchase."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from merchants.batches.models import BatchException, TerminalBatch
from merchants.batches.verify import TERMINAL_BATCHES
from merchants.settlement.verify import SETTLEMENT
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests.functional.bank import Bank
from tests.functional.test_gateway_repeats import facts, second_connection, together
from tests.functional.till import Reply, Till

SOLD = {"debits": 2, "debits_rial": 250_000}


@pytest.fixture
def sold(till: Till, card: dict[str, Any]) -> list[tuple[Message, Reply]]:
    """Two purchases, answered."""
    purchases = [till.purchase(card["card_number"], amount) for amount in (100_000, 150_000)]
    return [(purchase, till.ask(purchase)) for purchase in purchases]


@pytest.fixture(autouse=True)
def proven(bank: Bank) -> Iterator[None]:
    """After each test the books hold, closed batches among them."""
    yield
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        checks = verify(connection, (TERMINAL_BATCHES, SETTLEMENT))
    assert [check for check in checks if not check.ok] == []


def batches(bank: Bank, till: Till) -> list[TerminalBatch]:
    with bank.session() as session:
        found = select(TerminalBatch).where(TerminalBatch.terminal_id == int(till.config["terminal"][1:]))
        return list(session.scalars(found.order_by(TerminalBatch.number)))


def exceptions(bank: Bank, batch: TerminalBatch) -> list[BatchException]:
    with bank.session() as session:
        found = select(BatchException).where(BatchException.batch_id == batch.id).order_by(BatchException.id)
        return list(session.scalars(found))


def owed(bank: Bank, kind: int) -> int:
    [(balance,)] = bank.read(
        "SELECT coalesce(sum(balance), 0) FROM ledger.account_now WHERE kind = %s AND wallet_id IN (1, %s)",
        kind, bank.shop.wallet_id,
    )  # fmt: skip
    return int(balance)


PAYABLE, WITHHELD, SUSPENSE = 20, 21, 44


def test_equal_totals_close_the_batch_in_balance(bank: Bank, till: Till, sold: list[Any]) -> None:
    reply = till.ask(till.batch_close(1, SOLD))
    check_presence(reply.message)
    assert (reply.mti, reply.code, reply[66], reply[60]) == ("0510", "00", "1", "000001")
    assert (reply[76], reply[88], reply[97]) == (f"{2:010d}", f"{250_000:016d}", f"D{250_000:016d}")
    assert (reply.number(Tag.TOTAL_LOYALTY_CREDIT), reply.number(Tag.LAST_CLOSED_BATCH)) == (0, 1)
    [batch] = batches(bank, till)
    assert (batch.state, batch.totals.net_rial, batch.totals.entries) == ("balanced", 250_000, 2)


def test_what_comes_after_a_close_falls_in_the_next_batch(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    for number, amount in ((1, 1_000), (2, 2_000), (3, 3_000)):
        till.ask(till.purchase(card["card_number"], amount))
        assert till.ask(till.batch_close(number, {"debits": 1, "debits_rial": amount})).code == "00"
    assert till.ask(till.batch_close(4)).code == "00"
    assert [batch.debits_rial for batch in batches(bank, till)] == [1_000, 2_000, 3_000, 0]
    numbers = bank.read("SELECT terminal_batch FROM ledger.entry WHERE wallet_id = %s ORDER BY decided_at, id", card["wallet_id"])
    assert [number for (number,) in numbers] == [None, 1, 2, 3]


def test_a_reversal_is_counted_beside_what_it_takes_back(bank: Bank, till: Till, sold: list[Any]) -> None:
    assert till.ask(till.reversal(sold[0][0])).code == "00"
    said = SOLD | {"debit_reversals": 1, "debit_reversals_rial": 100_000}
    reply = till.ask(till.batch_close(1, said))
    assert (reply.code, reply[97]) == ("00", f"D{150_000:016d}")


def test_what_credit_paid_is_counted_too(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    earned = till.ask(till.purchase(card["card_number"], 1_000_000))
    credit = earned.number(Tag.CREDIT_EARNED)
    assert credit > 0
    spent = till.ask(till.purchase(card["card_number"], 500_000, {Tag.CREDIT_MODE: b"\x01"}))
    assert spent.number(Tag.PAID_BY_CREDIT) == credit
    said = {"debits": 2, "debits_rial": 1_500_000}
    assert till.ask(till.batch_close(1, said | {"loyalty_rial": credit})).code == "00"


@pytest.mark.parametrize("as_repeat", [True, False], ids=["0501", "0500"])
def test_a_close_sent_again_hears_the_same_and_closes_once(bank: Bank, till: Till, sold: list[Any], as_repeat: bool) -> None:
    for said in (SOLD, {}):
        number = len(batches(bank, till)) + 1
        close = till.batch_close(number, said)
        first = till.ask(close)
        again = till.ask(till.again(close) if as_repeat else close)
        assert (facts(again), again[66], again.tags[Tag.REPLAYED]) == (facts(first), first[66], "1")
    assert [batch.state for batch in batches(bank, till)] == ["balanced", "balanced"]


def test_the_same_close_with_other_totals_is_94(till: Till, sold: list[Any]) -> None:
    close = till.batch_close(1, {"debits": 1})
    till.ask(close)
    other = Message(close.mti, close.fields | {76: f"{2:010d}"})
    assert till.ask(other).code == "94"


@pytest.mark.parametrize("number", [0, 2, 999_999])
def test_another_number_is_77_and_says_which_was_last(till: Till, sold: list[Any], number: int) -> None:
    reply = till.ask(till.batch_close(number, SOLD))
    check_presence(reply.message)
    assert (reply.code, reply[66], reply.reason) == ("77", "3", Reason.BATCH_NUMBER_INVALID)
    assert till.ask(till.batch_close(1, SOLD)).code == "00"
    assert till.ask(till.batch_close(1, SOLD)).tags[Tag.LAST_CLOSED_BATCH] == "000001"


@pytest.mark.parametrize(
    ("element", "value", "fault"),
    [(60, "1", "60"), (60, "00001x", "60"), (97, f"C{250_000:016d}", "97"), (97, f"D{1:016d}", "97")],
)
def test_a_close_that_contradicts_itself_is_30_and_closes_nothing(
    bank: Bank, till: Till, sold: list[Any], element: int, value: str, fault: str
) -> None:
    close = till.batch_close(1, SOLD)
    reply = till.ask(Message(close.mti, close.fields | {element: value}))
    check_presence(reply.message)
    assert (reply.code, reply[44], reply[66]) == ("30", fault, "3")
    assert batches(bank, till) == []


def test_totals_that_differ_are_answered_with_the_banks(bank: Bank, till: Till, sold: list[Any]) -> None:
    reply = till.ask(till.batch_close(1, {"debits": 1, "debits_rial": 100_000}))
    check_presence(reply.message)
    assert (reply.code, reply[66], reply.reason) == ("95", "2", Reason.TOTALS_DIFFER)
    assert (reply[76], reply[88]) == (f"{2:010d}", f"{250_000:016d}")
    assert [batch.state for batch in batches(bank, till)] == ["different"]


def test_an_upload_that_agrees_settles_the_batch(bank: Bank, till: Till, card: dict[str, Any], sold: list[Any]) -> None:
    wrong = till.batch_close(1, {"debits": 1, "debits_rial": 100_000})
    assert till.ask(wrong).code == "95"
    for _ in range(2):  # twice, as after a lost answer
        for purchase, answer in sold:
            upload = till.batch_upload(purchase, answer[37], 1, card["card_number"])
            reply = till.ask(upload)
            check_presence(reply.message)
            assert (reply.mti, reply.code, reply[37]) == ("0330", "00", answer[37])
            assert till.ask(till.again(upload)).code == "00"
    done = till.batch_close(1, code="960000")
    reply = till.ask(done)
    check_presence(reply.message)
    assert (reply.code, reply[66], reply[88]) == ("00", "1", f"{250_000:016d}")
    assert till.ask(till.again(done))[66] == "1"
    assert till.ask(till.again(wrong)).code == "95", "a repeat hears what was said then"
    [batch] = batches(bank, till)
    assert (batch.state, exceptions(bank, batch)) == ("agreed", [])


def test_what_one_side_lacks_becomes_a_case_and_leaves_what_the_shop_is_paid(
    bank: Bank, till: Till, card: dict[str, Any], sold: list[Any]
) -> None:
    before = owed(bank, PAYABLE), owed(bank, SUSPENSE), owed(bank, WITHHELD)
    unseen = till.purchase(card["card_number"], 70_000)  # never sent
    assert till.ask(till.batch_close(1, {"debits": 2, "debits_rial": 170_000})).code == "95"
    known, _ = sold
    assert till.ask(till.batch_upload(known[0], known[1][37], 1, card["card_number"])).code == "00"
    stray = till.batch_upload(unseen, "000000000ABC", 1, card["card_number"])
    assert till.ask(stray).code == "25"
    assert till.ask(till.again(stray)).code == "25"
    done = till.batch_close(1, code="960000")
    for _ in range(2):
        reply = till.ask(done)
        assert (reply.code, reply[66]) == ("00", "2")
    [batch] = batches(bank, till)
    assert batch.state == "case"
    found = [(one.finding, one.terminal_rial, one.bank_rial) for one in exceptions(bank, batch)]
    assert found == [("bank_lacks", 70_000, 0), ("terminal_lacks", 0, 150_000)]
    after = owed(bank, PAYABLE), owed(bank, SUSPENSE), owed(bank, WITHHELD)
    assert [now - then for now, then in zip(after, before, strict=True)] == [-150_000, 150_000 - 70_000, 70_000]


def test_another_amount_is_64_and_an_exception(bank: Bank, till: Till, card: dict[str, Any], sold: list[Any]) -> None:
    till.ask(till.batch_close(1))
    for place, (purchase, answer) in enumerate(sold):
        upload = till.batch_upload(
            purchase, answer[37], 1, card["card_number"], **({"de4": f"{90_000:012d}"} if place == 0 else {})
        )
        assert till.ask(upload).code == ("64" if place == 0 else "00")
        changed = Message("0321", upload.fields | {4: f"{1:012d}"})
        assert till.ask(changed).code == "94"
    assert till.ask(till.batch_close(1, code="960000"))[66] == "2"
    [one] = exceptions(bank, batches(bank, till)[0])
    assert (one.finding, one.terminal_rial, one.bank_rial) == ("amount_differs", 90_000, 100_000)


def test_a_sale_whose_answer_was_lost_is_known_by_its_reversal(
    bank: Bank, till: Till, card: dict[str, Any], sold: list[Any]
) -> None:
    lost = till.purchase(card["card_number"], 30_000)
    till.send_body(till.sign(lost))
    till.receive_body()  # never read by the terminal
    taken_back = till.reversal(lost)
    reversed_ = till.ask(taken_back)
    till.ask(till.batch_close(1))
    for original, answer in (*sold, (taken_back, reversed_)):
        assert till.ask(till.batch_upload(original, answer[37], 1, card["card_number"])).code == "00"
    assert till.ask(till.batch_close(1, code="960000"))[66] == "1"


def test_an_upload_that_nobody_asked_for_is_77(till: Till, card: dict[str, Any], sold: list[Any]) -> None:
    upload = till.batch_upload(sold[0][0], sold[0][1][37], 1, card["card_number"])
    assert till.ask(upload).code == "77"
    assert till.ask(till.batch_close(1, code="960000")).code == "77"
    till.ask(till.batch_close(1, SOLD))
    assert till.ask(upload).code == "77"
    assert till.ask(till.batch_close(1, code="960000"))[66] == "1"


@pytest.mark.parametrize("named", ["0200", "0200000001" + "0" * 12 + "00000x", "0200000001" + "1" * 12 + "000001"])
def test_an_upload_whose_names_contradict_is_30(till: Till, card: dict[str, Any], sold: list[Any], named: str) -> None:
    upload = till.batch_upload(sold[0][0], sold[0][1][37], 1, card["card_number"], de60=named)
    reply = till.ask(upload)
    assert (reply.code, reply[44]) == ("30", "60")


def test_another_terminal_cannot_close_or_upload_for_this_one(
    bank: Bank, till: Till, card: dict[str, Any], sold: list[Any]
) -> None:
    other = bank.till()
    till.ask(till.batch_close(1))
    assert other.ask(other.batch_upload(sold[0][0], sold[0][1][37], 1, card["card_number"])).code == "77"
    other.ask(other.batch_close(1, {"debits": 1, "debits_rial": 100_000}))
    assert other.ask(other.batch_upload(sold[0][0], sold[0][1][37], 1, card["card_number"])).code == "25"
    other.close()


def test_a_purchase_and_a_close_at_once_leave_each_entry_in_one_batch(bank: Bank, card: dict[str, Any]) -> None:
    for _ in range(10):
        till = bank.till()
        other = second_connection(till)
        other.stan = 500
        purchase, close = till.purchase(card["card_number"], 1_000), other.batch_close(1)
        sold, closed = together((till, purchase), (other, close))
        assert sold.code == "00"
        assert closed.code in ("00", "95")
        in_first = closed.code == "95"
        assert other.ask(other.batch_close(2, {} if in_first else {"debits": 1, "debits_rial": 1_000})).code == "00"
        assert [batch.debits for batch in batches(bank, till)] == ([1, 0] if in_first else [0, 1])
        till.close()
        other.close()


def test_a_close_stands_when_teller_and_gateway_are_killed(own_bank: Bank) -> None:
    till, card = own_bank.till(), own_bank.card()
    till.ask(till.purchase(card["card_number"], 1_000))
    close = till.batch_close(1, {"debits": 1, "debits_rial": 1_000})
    first = till.ask(close)
    till.close()
    for process in (own_bank.gateway, own_bank.teller):
        process.kill()
    own_bank.start()
    again = till.ask(till.again(close))
    assert facts(again) == facts(first)
    till.ask(till.purchase(card["card_number"], 2_000))
    assert till.ask(till.batch_close(2, {"debits": 1, "debits_rial": 2_000})).code == "00"
    till.close()


@pytest.fixture
def own_bank(bank: Bank) -> Bank:
    return bank


def test_refunds_voids_and_their_reversals_are_counted_on_their_sides(
    bank: Bank, till: Till, card: dict[str, Any], sold: list[Any]
) -> None:
    first, second = (answer for _, answer in sold)
    given_back = [till.refund(first, 30_000), till.void(second), till.refund(first, 20_000)]
    done = [*sold, *((message, till.ask(message)) for message in given_back)]
    taken_back = [till.void(done[2][1], "220000"), till.reversal(given_back[2])]
    done += [(message, till.ask(message)) for message in taken_back]
    assert [answer.code for _, answer in done] == ["00"] * 7
    said = SOLD | {
        "credits": 2, "credits_rial": 50_000, "debit_reversals": 1, "debit_reversals_rial": 150_000,
        "credit_reversals": 2, "credit_reversals_rial": 50_000,
    }  # fmt: skip
    wrong = till.ask(till.batch_close(1, said | {"credits": 3}))
    assert (wrong.code, wrong[97]) == ("95", f"D{100_000:016d}")
    for message, answer in done:
        assert till.ask(till.batch_upload(message, answer[37], 1, card["card_number"])).code == "00"
    assert till.ask(till.batch_close(1, code="960000"))[66] == "1"
    assert till.ask(till.batch_close(2)).code == "00"


def test_a_purchase_of_a_closed_batch_is_refunded_and_not_voided(bank: Bank, till: Till, sold: list[Any]) -> None:
    till.ask(till.batch_close(1, SOLD))
    refused = till.ask(till.void(sold[0][1]))
    assert (refused.code, refused.reason) == ("57", Reason.BATCH_CLOSED)
    assert till.ask(till.refund(sold[0][1], 100_000)).code == "00"
    assert till.ask(till.batch_close(2, {"credits": 1, "credits_rial": 100_000})).code == "00"
