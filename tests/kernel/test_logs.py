import json
import logging

from kernel.logs import _JsonLine, masked


def test_a_card_number_is_masked_in_message_and_trace() -> None:
    record = logging.LogRecord("gate", logging.ERROR, "x.py", 1, "card %s", ("9364001234567890123",), None)
    assert json.loads(_JsonLine().format(record))["message"] == "card 936400…0123"


def test_amounts_and_times_stay_readable() -> None:
    assert masked("150000 Rial at 1732262400") == "150000 Rial at 1732262400"
