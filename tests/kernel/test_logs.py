import json
import logging
import sys

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.logs import _JsonLine, masked


def test_a_card_number_is_masked_in_message_and_trace() -> None:
    record = logging.LogRecord("gate", logging.ERROR, "x.py", 1, "card %s", ("9364001234567890123",), None)
    assert json.loads(_JsonLine().format(record))["message"] == "card 936400…0123"


def test_a_row_that_the_database_quotes_is_left_out(session: Session) -> None:
    chip = {"uid": bytes(range(7)).hex()}
    session.execute(text("CREATE TEMP TABLE chip (uid text UNIQUE)"))
    session.execute(text("INSERT INTO chip VALUES (:uid)"), chip)
    try:
        session.execute(text("INSERT INTO chip VALUES (:uid)"), chip)
    except IntegrityError:
        record = logging.LogRecord("bank", logging.ERROR, "x.py", 1, "failed", (), sys.exc_info())
    line = _JsonLine().format(record)
    assert "UniqueViolation" in line
    assert chip["uid"] not in line


def test_amounts_and_times_stay_readable() -> None:
    assert masked("150000 Rial at 1732262400") == "150000 Rial at 1732262400"
