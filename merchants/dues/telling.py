"""A shop hears of what it owes: once when it is entered, within the week before it is due, and on that day."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from identity.models import Organisation
from kernel import clock
from kernel.calendar import day_digits, local_day
from kernel.languages import in_language
from kernel.messages.queries import states_by_key
from kernel.messages.rules import quiet_hours
from kernel.messages.services import send
from kernel.settings import load_settings
from kernel.text import localised_digits
from merchants.dues.models import Due
from merchants.dues.notices import BY_DAYS
from merchants.dues.queries import left_of
from merchants.dues.rules import WEEK, notice_due
from merchants.models import Merchant
from merchants.permits.queries import askers_to_tell

A_TURN = 200


def tell_of_dues(session: Session) -> int:
    """One turn; how many dues were told of. In the quiet hours nobody is woken for money that is due in days."""
    now, settings = clock.now(), load_settings()
    if quiet_hours(settings.quiet_hours).holds(now.astimezone(settings.zone).time()):
        return 0
    today, told = local_day(now), 0
    held = (
        select(Due)
        .where(_to_tell(now))
        .order_by(Due.due_on, Due.id)
        .limit(A_TURN)
        .with_for_update(skip_locked=True, key_share=True)
    )
    for due in session.scalars(held.execution_options(populate_existing=True)).all():
        days = notice_due(due.due_on, due.told_days, today)
        if days is not None:
            due.told_days = days
            _tell(session, due, days)
            told += 1
    session.flush()
    return told


def _to_tell(now: datetime) -> ColumnElement[bool]:
    today = local_day(now)
    near = (Due.told_days > WEEK) & (Due.due_on <= today + timedelta(days=WEEK))
    is_due = (Due.told_days > 0) & (Due.due_on <= today)
    return Due.closed_at.is_(None) & Due.told_days.is_distinct_from(0) & or_(Due.told_days.is_(None), near, is_due)


def _tell(session: Session, due: Due, days: int) -> None:
    creditor = session.get_one(Organisation, due.creditor_id)
    merchant = session.get_one(Merchant, due.merchant_id)
    link = f"{load_settings().portal}/own-dues/{due.id}"
    for person_id, address, language in askers_to_tell(session, merchant.organisation_id):
        day = localised_digits(day_digits(due.due_on, language), language)
        said: dict[str, str | int] = {
            "creditor": in_language(creditor.names, language),
            "amount": left_of(session, due),
            "day": day,
            "link": link,
        }
        send(session, BY_DAYS[days], address, language, said, key=_key(due.id, days, person_id))


def told_of(session: Session, due: Due) -> list[tuple[str, str]]:
    """(notice, how far the message is) of what the shop was told of a due, the first first; for each who answers for the shop."""
    merchant = session.get_one(Merchant, due.merchant_id)
    people = [person_id for person_id, _, _ in askers_to_tell(session, merchant.organisation_id)]
    keys = {_key(due.id, days, person_id): notice.code for days, notice in BY_DAYS.items() for person_id in people}
    states = states_by_key(session, keys)
    return [(code, states[key]) for key, code in keys.items() if key in states]


def _key(due_id: int, days: int, person_id: int) -> str:
    return f"due {due_id} {days} {person_id}"
