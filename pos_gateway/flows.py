"""Which steps answer which message: message class with its repeats, and processing code. `*` = any code."""

from cardbank.ledger.types import EntryKind
from cardbank.reasons import Reason
from pos_gateway import instalments
from pos_gateway.batches import close, settle, upload
from pos_gateway.context import flow_key
from pos_gateway.doors import admit
from pos_gateway.enrolment import begin, confirm, stop
from pos_gateway.gifts import (
    balance,
    buy,
    load,
    reverse_buying,
    reverse_gift,
    reversing_with_gifts,
    with_gifts,
)
from pos_gateway.help import help_card
from pos_gateway.returning import refund, void_of
from pos_gateway.steps import (
    Step,
    check_circumstances,
    check_currency,
    greet,
    print_receipt,
    read_card,
    refuse,
    reverse,
    sell,
    tap,
    top_up,
)
from pos_gateway.wire.codec import Message

LATER = (refuse(Reason.FUNCTION_NOT_SUPPORTED),)
UNKNOWN = (refuse(Reason.INVALID_TRANSACTION),)

FLOWS: dict[str, tuple[Step, ...]] = {
    "0800.001": (greet,),
    "0800.002": (greet,),
    "0800.301": (greet,),
    "0800.101": LATER,
    "0800.161": LATER,
    "0800.201": LATER,
    "0100.330000": (check_currency, check_circumstances, tap),
    "0100.310000": (check_currency, check_circumstances, balance),
    "0200.310000": (check_currency, check_circumstances, balance),
    "0200.000000": (check_currency, check_circumstances, read_card, sell, print_receipt),
    "0200.020000": (check_currency, check_circumstances, void_of(EntryKind.PURCHASE), print_receipt),
    "0200.200000": (check_currency, check_circumstances, refund, print_receipt),
    "0200.210000": (check_currency, check_circumstances, read_card, top_up, print_receipt),
    "0200.220000": (check_currency, check_circumstances, with_gifts(void_of(EntryKind.REFUND)), print_receipt),
    "0200.280060": (check_currency, check_circumstances, load, print_receipt),
    "0400.*": (check_currency, read_card, reverse),
    "0400.220000": (check_currency, read_card, reversing_with_gifts(reverse)),
    "0400.006000": (check_currency, read_card, reverse_buying),
    "0400.280060": (check_currency, reverse_gift),
    "0100.003000": (check_currency, check_circumstances, read_card, instalments.quote),
    "0100.319000": LATER,
    "0100.940000": (check_currency, check_circumstances, begin),
    "0100.980000": (check_currency, check_circumstances, stop),
    "0200.970000": (check_currency, check_circumstances, admit),
    "0200.970100": (check_currency, check_circumstances, help_card),
    "0200.003000": (check_currency, check_circumstances, read_card, instalments.buy, print_receipt),
    "0200.006000": (check_currency, check_circumstances, read_card, buy, print_receipt),
    "0200.009000": LATER,
    "0220.*": LATER,
    "0220.940000": (check_currency, confirm),
    "0320.*": (check_currency, check_circumstances, upload),
    "0500.920000": (check_currency, close),
    "0500.960000": (check_currency, settle),
}
# One of these at a time for one terminal: the rest of its messages wait in the order they came.
FINANCIAL_CLASSES = frozenset({"01", "02", "03", "04", "05"})


def flow_of(message: Message) -> tuple[Step, ...]:
    key = flow_key(message)
    return FLOWS.get(key) or FLOWS.get(f"{key[:4]}.*") or UNKNOWN


def is_financial(message: Message) -> bool:
    return message.mti[:2] in FINANCIAL_CLASSES


def is_reversal(message: Message) -> bool:
    return message.mti[:2] == "04"
