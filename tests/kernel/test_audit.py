from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.audit import Actor, AuditEntry, record


def test_a_line_of_audit_says_who_what_before_after_and_why(session: Session) -> None:
    record(
        session, Actor(7, "desk"), "card.blocked", "card", 12,
        before={"status": "active"}, after={"status": "blocked"}, why="reported lost",
    )  # fmt: skip
    session.flush()
    line = session.scalars(select(AuditEntry)).one()
    assert (line.account_id, line.act, line.subject_id) == (7, "card.blocked", "12")
    assert (line.before, line.after, line.why) == ({"status": "active"}, {"status": "blocked"}, "reported lost")
    assert line.at.tzinfo is not None
