"""Enrolments that nobody confirmed end by themselves."""

from sqlalchemy.orm import Session

from kernel import clock
from merchants.enrolment.services import expire_overdue


def expire_enrolments(session: Session) -> None:
    expire_overdue(session, clock.now())
