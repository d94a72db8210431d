"""The close of a batch with the bank: totals, and where they differ one message for each transaction, then the end."""

from collections.abc import Callable
from dataclasses import dataclass

from reader_agent.answer import REPEAT_LATER, Answer, NoAnswer
from reader_agent.batch import Batch, Counted, totals
from reader_agent.wire import Value

COMPARE, SETTLE = "920000", "960000"
EQUAL, DIFFERENT, OTHER_BATCH = "00", "95", "77"
TAKEN = {"00", "25", "64"}  # the bank has it, lacks it, or has it with another amount: it has noted which
IN_BALANCE = "1"
LAST_CLOSED = 0xDF06

Say = Callable[..., Answer]


@dataclass(frozen=True)
class Closed:
    """How a close ended: the batch's number, the bank's word, and whether everything agrees."""

    number: int
    code: str
    is_closed: bool
    is_in_balance: bool
    uploaded: int = 0


def close(batch: Batch, say: Say) -> Closed:
    """Close the open batch, or go on with a close that was not settled. Raises NoAnswer."""
    answer = _compare(batch, say)
    if answer.code == OTHER_BATCH and LAST_CLOSED in answer.private:
        batch.renumber(int(answer.private[LAST_CLOSED]) + 1)
        answer = _compare(batch, say)
    number, uploaded = batch.number, 0
    if answer.code == DIFFERENT:
        uploaded = _upload(batch, say)
        answer = say("0500", {3: SETTLE, 60: f"{number:06d}"} | _elements(totals(())), {})
    if answer.code == EQUAL:
        batch.end()
        return Closed(number, answer.code, True, answer.message.text(66) == IN_BALANCE, uploaded)
    if answer.code not in REPEAT_LATER:
        batch.keep_close(None)
    return Closed(number, answer.code, False, False, uploaded)


def _compare(batch: Batch, say: Say) -> Answer:
    """0500 the first time, 0501 with the same number, times and totals after."""
    due = batch.close_due
    if due is None:
        said = {"60": f"{batch.number:06d}", **totals(batch.counted())}

        def keep(fields: dict[int, Value]) -> None:
            batch.keep_close(said | {str(number): str(fields[number]) for number in (7, 11, 12, 13)})

        return say("0500", {3: COMPARE} | _elements(said), _tags(said), before=keep)
    return say("0501", {3: COMPARE} | _elements(due), _tags(due))


def _elements(said: dict[str, str]) -> dict[int, Value]:
    return {int(name): value for name, value in said.items() if name.isdigit()}


def _tags(said: dict[str, str]) -> dict[int, bytes]:
    return {int(name, 16): value.encode() for name, value in said.items() if not name.isdigit()}


def _upload(batch: Batch, say: Say) -> int:
    """0320 for each transaction whose answer the terminal has; the bank knows the others by what took them back."""
    known = [one for one in batch.counted() if one.reference]
    for one in known:
        answer = say("0320", _named(one, batch.number), _card_tags(one))
        if answer.code not in TAKEN:
            raise NoAnswer(f"the upload is not taken (DE39 {answer.code})")
    return len(known)


def _named(one: Counted, number: int) -> dict[int, Value]:
    fields: dict[int, Value] = {
        3: one.code, 4: f"{one.amount_rial:012d}", 37: one.reference, 39: EQUAL,
        60: f"{one.mti}{one.stan}{one.reference}{number:06d}",
    }  # fmt: skip
    number_of_card = (one.card or {}).get("card_number")
    return fields | ({2: number_of_card} if number_of_card else {})


def _card_tags(one: Counted) -> dict[int, bytes]:
    data = (one.card or {}).get("card_data")
    return {0xDF33: bytes.fromhex(data)} if data else {}
