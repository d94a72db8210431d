"""Whatever happens on the way to the card: nothing is charged twice, nothing is charged unproven."""

from typing import Any

import pytest

pytestmark = pytest.mark.slow


def tap(field: Any, till: Any, card: dict[str, Any], amount: int, **order: Any) -> dict[str, Any]:
    till.send(amount)
    field.send({"place": card["uid"], **order})
    result = till.read()
    field.send({"remove": card["uid"]})
    return result


@pytest.fixture
def pair(bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any) -> tuple[Any, Any]:
    bank.issue(card_keys)
    field, port = field_of(card_keys)
    return field, till_at(port, "--card-seconds", "1")


@pytest.mark.parametrize(
    "fault",
    [
        "lose_command",
        "lose_answer",
        "late_answer",
        "repeat_answer",
        "repeat_command",
        "wrong_block_number",
        "garble_answer",
    ],
)
def test_a_disturbed_block_ends_in_one_charge(bank: Any, card_keys: dict[str, Any], pair: Any, fault: str) -> None:
    for block in (1, 2, 3):
        result = tap(*pair, card_keys, 1000, faults={str(block): fault})
        assert result["outcome"] == "approved"
        assert bank.total_rial == 1000 * block
        assert len(bank.posted) == block


def test_a_card_that_asks_for_time_gets_it(bank: Any, card_keys: dict[str, Any], pair: Any) -> None:
    for extensions in (1, 3):
        assert tap(*pair, card_keys, 1000, extensions=extensions)["outcome"] == "approved"
    assert bank.total_rial == 2000


def test_a_card_that_asks_for_time_without_end_is_given_up(bank: Any, card_keys: dict[str, Any], pair: Any) -> None:
    result = tap(*pair, card_keys, 1000, extensions=100_000)
    assert result["outcome"] == "card_lost"
    assert result["stages_ms"]["total"] < 8000
    assert bank.total_rial == 0


@pytest.mark.parametrize("moment", ["leave_before", "leave_unheard"])
def test_a_card_torn_away_before_its_proof_is_not_charged(bank: Any, card_keys: dict[str, Any], pair: Any, moment: str) -> None:
    field, till = pair
    for step in (1, 2, 3):
        assert tap(field, till, card_keys, 1000, faults={str(step): moment})["outcome"] == "card_lost"
        assert bank.posted == {}
    assert tap(field, till, card_keys, 2000)["outcome"] == "approved"
    assert bank.total_rial == 2000


def test_a_card_may_leave_after_its_proof_and_not_earlier(bank: Any, card_keys: dict[str, Any], pair: Any) -> None:
    for step, outcome, total in ((1, "card_lost", 0), (2, "card_lost", 0), (3, "approved", 1000)):
        assert tap(*pair, card_keys, 1000, faults={str(step): "leave_after"})["outcome"] == outcome
        assert bank.total_rial == total


def test_a_card_torn_after_the_banks_approval_changes_nothing(bank: Any, card_keys: dict[str, Any], pair: Any) -> None:
    field, till = pair
    bank.behave["0200"] = "mute"
    till.send(1000)
    field.send({"place": card_keys["uid"], "faults": {"3": "leave_after"}})
    result = till.read()
    assert (result["outcome"], result["reversed"]) == ("no_answer", True)
    assert bank.total_rial == 0
    assert len(bank.posted) == 1


def test_a_card_that_returns_within_the_sale_is_served(bank: Any, card_keys: dict[str, Any], pair: Any) -> None:
    field, till = pair
    till.send(1000)
    field.send({"place": card_keys["uid"], "faults": {"2": "leave_before"}})
    trace = field.read()
    assert trace["answer"] == "9000"
    field.send({"place": card_keys["uid"]})
    assert till.read()["outcome"] == "approved"
    assert bank.total_rial == 1000


def test_a_card_changed_between_steps_is_not_charged_for_the_other(
    bank: Any, card_keys: dict[str, Any], other_card_keys: dict[str, Any], field_of: Any, till_at: Any
) -> None:
    bank.issue(card_keys)
    bank.issue(other_card_keys)
    field, port = field_of(card_keys, other_card_keys)
    till = till_at(port)
    till.send(1000)
    field.send({"place": card_keys["uid"], "faults": {"3": "leave_before"}})
    assert [field.read()["uid"] for _ in range(2)] == [card_keys["uid"]] * 2
    field.send({"place": other_card_keys["uid"]})
    result = till.read()
    assert result["outcome"] == "approved"
    assert [who.hex() for who, _ in bank.posted.values()] == [other_card_keys["uid"]]
    challenged = [message.private[0xDF33][1:8].hex() for message in bank.received if message.mti == "0100"]
    assert challenged == [card_keys["uid"], other_card_keys["uid"]]
