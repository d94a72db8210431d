"""Use cases of outages: announce one, end it; and a turn of telling the owners of shops."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.languages import in_language
from kernel.messages.queries import states_by_key
from kernel.messages.services import send
from kernel.settings import load_settings
from merchants.outages.models import Outage
from merchants.outages.notices import BEGUN, ENDED
from merchants.outages.queries import lock_live_outage, owners_to_tell
from merchants.outages.rules import Announcement, check_announcement

A_TURN = 100


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
    """One turn of telling; whether there was anything to tell. Messages carry keys, so a turn that is done again tells nobody twice."""
    waiting = select(Outage).where(Outage.told_of.in_(("begin", "end"))).order_by(Outage.id).limit(1)
    outage = session.scalar(waiting.with_for_update(skip_locked=True))
    if outage is None:
        return False
    owners = owners_to_tell(session, outage, A_TURN)
    begun = {person_id: _key(outage.id, "begin", person_id) for person_id, _, _ in owners}
    told = states_by_key(session, begun.values()) if outage.told_of == "end" else {}
    for person_id, mobile, language in owners:
        if outage.told_of == "begin" or begun[person_id] in told:
            facts = {"text": in_language(outage.texts, language), "link": f"{load_settings().portal}/status"}
            notice = BEGUN if outage.told_of == "begin" else ENDED
            send(session, notice, mobile, language, facts, key=_key(outage.id, outage.told_of, person_id))
        outage.told_to = person_id
    if len(owners) < A_TURN:
        outage.told_of = "waiting" if outage.told_of == "begin" else "done"
    session.flush()
    return True


def _key(outage_id: int, occasion: str, person_id: int) -> str:
    return f"outage {outage_id} {occasion} {person_id}"
