"""Use cases of outages: announce one, end it; and a turn of telling the owners of shops."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from merchants.outages.models import Outage
from merchants.outages.notices import BEGUN, ENDED
from merchants.outages.queries import lock_live_outage, shops_of_cities
from merchants.outages.rules import Announcement, check_announcement
from merchants.telling import Telling, tell_turn

A_TURN = 100
TELLING = Telling("outage", BEGUN, ENDED, "/status")


def announce(session: Session, identity: Identity, key: str, said: Announcement, cities: Collection[str]) -> Outage:
    """Show an outage to whom it affects, and have shops told; the same key again is the same outage. Raises WrongOutage."""
    now = clock.now()
    check_announcement(said, now, cities)
    tells = said.tells_by_sms and said.audience != "pilgrims"
    facts = {
        "key": key, "kind": said.kind, "parts": list(said.parts), "cities": list(said.cities), "audience": said.audience,
        "texts": dict(said.texts), "starts_at": said.starts_at, "ends_at": said.ends_at, "announced_at": now,
        "announced_by": identity.sign_in_id, "tells_by_sms": tells, "told_of": "begin" if tells else "done",
    }  # fmt: skip
    made = session.scalar(insert(Outage).values(facts).on_conflict_do_nothing().returning(Outage.id))
    if made is None:
        return session.scalars(select(Outage).where(Outage.key == key)).one()
    after = {"kind": said.kind, "parts": facts["parts"], "cities": facts["cities"], "audience": said.audience, "sms": tells}
    audit.record(session, identity.actor, "announce", "outage", made, after=after)
    return session.get_one(Outage, made)


def end_outage(session: Session, identity: Identity, outage_id: int) -> Outage:
    """It is over; who was told of its beginning is told so. Raises OutageNotFound, for one that ended before too."""
    outage = lock_live_outage(session, outage_id)
    outage.ended_at, outage.ended_by = clock.now(), identity.sign_in_id
    if outage.tells_by_sms:
        outage.told_of, outage.told_to = "end", 0
    audit.record(session, identity.actor, "end", "outage", outage_id)
    return outage


def tell_next(session: Session) -> bool:
    """One turn of telling; whether there was anything to tell."""
    waiting = select(Outage).where(Outage.told_of.in_(("begin", "end"))).order_by(Outage.id).limit(1)
    outage = session.scalar(waiting.with_for_update(skip_locked=True))
    if outage is None:
        return False
    tell_turn(session, TELLING, outage, shops_of_cities(outage.cities), A_TURN)
    return True
