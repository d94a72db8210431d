"""What people of the demonstration ask of a desk from afar: one without a card wants one, and has a new passport to show."""

from datetime import timedelta

from sqlalchemy.orm import Session

from cardbank.first_cards.services import ask_first_card
from identity.claims.services import claim_paper
from identity.permissions import Role
from identity.services import add_member, enrol_person
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import local_day

NAMES = {"fa": "زائر بی‌کارت (نمونه)", "en": "Pilgrim without a card (sample)"}


def seed_asking(session: Session, seed: Actor, city_id: int) -> None:
    """One person more, who waits at the desks of the city."""
    person = enrol_person(session, seed, NAMES, "fa", is_fictional=True)
    add_member(session, seed, person.id, Role.PILGRIM)
    ask_first_card(session, seed, person.id, "standard", "fa", city_id)
    expires_on = local_day(clock.now()) + timedelta(days=900)
    claim_paper(
        session, seed, person.id, "passport", {"number": "X0000001", "country": "UTO", "expires_on": expires_on.isoformat()}
    )
