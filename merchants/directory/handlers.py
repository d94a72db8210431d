"""Whoever runs a shop is told when the moon moves its hours; once for each move, however many branches it touches."""

from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from identity.models import Membership, Person
from identity.permissions import Role
from kernel.messages.rules import Notice, Purpose
from kernel.messages.services import send
from kernel.outbox import Handler
from kernel.settings import load_settings
from merchants.models import Branch, Merchant
from places.hours.events import HoursMoved
from places.models import Place

HOURS_MOVED = Notice("hours_moved", Purpose.SERVICE, timedelta(days=2))


def on_hours_moved(session: Session, event: HoursMoved) -> None:
    """Those without a mobile number find the new hours on their pages."""
    run_by = (
        select(Membership.person_id)
        .join(Merchant, Merchant.organisation_id == Membership.organisation_id)
        .join(Branch, Branch.merchant_id == Merchant.id)
        .join(Place, Place.id == Branch.place_id)
        .where(
            Place.rule_id == event.rule_id,
            Membership.role == Role.MERCHANT,
            or_(Membership.branch_id.is_(None), Membership.branch_id == Branch.id),
        )
    )
    link = {"link": f"{load_settings().portal}/branches"}
    for person in session.scalars(select(Person).where(Person.id.in_(run_by)).order_by(Person.id)):
        if person.mobile is not None:
            send(session, HOURS_MOVED, person.mobile, person.language, link, key=f"moon-{event.move_id}-{person.id}")


HANDLERS: tuple[tuple[type, Handler], ...] = ((HoursMoved, on_hours_moved),)
