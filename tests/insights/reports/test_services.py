import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from insights.reports import queries, services
from insights.reports.errors import TooManyFiles, TooManyRows
from insights.reports.models import ReportFile, ReportPiece
from insights.reports.rules import Asked, By, Report
from insights.reports.sheets import RECEIPT_COLUMNS
from kernel import clock
from kernel.db import unit_of_work
from merchants.settlement.rules.prices import Part
from tests import factories
from tests.conftest import ROOT
from tests.factories import ACTOR
from tests.insights.reports.market import PLATFORM, asked, street, trade_a_day

WORDS = {name: name for name in (*RECEIPT_COLUMNS, *Part, "title", "total")}
# A worker that gets stuck in the middle of a piece.
STUCK = """
import time
from insights.reports import services
from kernel.db import unit_of_work

def stuck(*anything):
    print("working", flush=True)
    time.sleep(60)

services.ROWS_A_PIECE, services.sheets.receipt_row = 3, stuck
with unit_of_work() as session:
    services.make_next_piece(session)
"""


@pytest.fixture
def person_id(session: Session) -> int:
    trade_a_day(session, street(session))
    return factories.person(session).id


def order(session: Session, person_id: int, form: str = "csv", wanted: Asked | None = None) -> ReportFile:
    made = services.order_file(session, ACTOR, person_id, PLATFORM, wanted or asked(By.RECEIPT), form, "en", WORDS)
    session.commit()
    return made


def turns(number: int) -> None:
    for _ in range(number):
        with unit_of_work() as session:
            services.make_next_piece(session)


def test_a_worker_that_is_killed_in_the_middle_leaves_a_file_that_the_next_one_finishes(
    session: Session, person_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "ROWS_A_PIECE", 3)
    file = order(session, person_id, "xlsx")
    turns(1)
    worker = subprocess.Popen(
        [sys.executable, "-c", STUCK], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"working\n"
    with unit_of_work() as other:
        assert not services.make_next_piece(other)  # the living worker holds it
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    until = time.monotonic() + 30
    while session.scalar(select(ReportFile.state).where(ReportFile.id == file.id)) == "making" and time.monotonic() < until:
        session.rollback()
        turns(1)
    session.expire_all()
    lines = list(queries.receipts(session, asked(By.RECEIPT), PLATFORM))
    assert (file.state, file.rows_done, file.tries) == ("done", len(lines), 0)
    assert file.content is not None
    rows = list(load_workbook(io.BytesIO(file.content)).active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:-1]] == [f"{line.business_date.isoformat()}/{line.entry_id}" for line in lines]
    assert rows[-1][7] == sum(line.gross_rial for line in lines)
    assert session.scalar(select(func.count()).select_from(ReportPiece)) == 0


def test_a_file_that_fails_is_tried_five_times_and_does_not_hold_up_the_others(
    session: Session, person_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = order(session, person_id)
    session.execute(text("UPDATE report_file SET asked = '{}'"))
    session.commit()
    sound = order(session, person_id, "xlsx")
    turns(1)  # the older one comes first, and fails
    turns(1)
    session.expire_all()
    assert (broken.tries, broken.state, sound.state) == (1, "making", "done")
    turns(services.MOST_TRIES)
    session.expire_all()
    assert (broken.tries, broken.state) == (services.MOST_TRIES, "failed")
    with unit_of_work() as turn:
        assert not services.make_next_piece(turn)


def test_so_many_files_and_rows_and_no_more(session: Session, person_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    today = asked(By.RECEIPT).last
    for days in range(services.MOST_AT_ONCE):
        order(session, person_id, wanted=Asked(Report.SALES, today - timedelta(days=days), today, By.RECEIPT))
    with pytest.raises(TooManyFiles):
        order(session, person_id, wanted=Asked(Report.SALES, today - timedelta(days=9), today, By.RECEIPT))
    session.rollback()
    monkeypatch.setattr(services, "MOST_ROWS", 5)
    with pytest.raises(TooManyRows):
        order(session, person_id, "xlsx")


def test_files_are_forgotten_after_a_week(session: Session, person_id: int) -> None:
    order(session, person_id)
    turns(1)
    now = clock.now()
    for days, left in ((6, 1), (8, 0)):
        with clock.frozen(now + timedelta(days=days)), unit_of_work() as turn:
            services.forget_old_files(turn)
        assert session.scalar(select(func.count()).select_from(ReportFile)) == left
        session.rollback()


def test_a_name_that_looks_like_a_formula_stays_a_name(session: Session, person_id: int) -> None:
    session.execute(text("""UPDATE organisation SET names = '{"en": "=HYPERLINK(1)"}'"""))
    file = order(session, person_id)
    turns(1)
    session.refresh(file)
    assert file.content is not None
    assert b",'=HYPERLINK(1)," in file.content
    assert b",=HYPERLINK" not in file.content
