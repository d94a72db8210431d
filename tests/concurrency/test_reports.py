"""Two clicks at once: two files without the constraint that makes it one, then one."""

from collections import defaultdict

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from insights.reports import services
from insights.reports.models import ReportFile
from insights.reports.rules import By
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.factories import ACTOR
from tests.insights.reports.market import PLATFORM, asked, street
from tests.meeting import meet


@pytest.mark.parametrize(("is_locked", "files"), [(False, 2), (True, 1)])
def test_two_clicks_at_once_make_one_file(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, files: int) -> None:
    street(session)
    person_id = factories.person(session).id
    if not is_locked:
        session.execute(text("DROP INDEX uq_report_file_making"))
    session.commit()
    meet(monkeypatch, services.queries, "count_receipts")
    words = defaultdict(str, title="t", total="t")
    outcomes = twice(lambda one: services.order_file(one, ACTOR, person_id, PLATFORM, asked(By.RECEIPT), "csv", "fa", words))
    assert outcomes == ["done", "done"]
    assert session.scalar(select(func.count()).select_from(ReportFile)) == files
