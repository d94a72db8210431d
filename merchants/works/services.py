"""Use cases of works notices: publish one, call it off; and a turn of telling the owners of shops."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from merchants.telling import Telling, tell_turn
from merchants.works.errors import WrongWorks
from merchants.works.models import WorksNotice
from merchants.works.notices import BEGUN, CALLED_OFF
from merchants.works.queries import lock_works, shops_touched
from merchants.works.rules import Wanted, check_wanted
from places.models import Place, Zone

A_TURN = 100
TELLING = Telling("works", BEGUN, CALLED_OFF, "/works")


def publish_works(session: Session, identity: Identity, municipality_id: int, city_id: int, key: str, said: Wanted) -> WorksNotice:
    """Show a notice where people look, and have shops told; the same key again is the same notice. Raises WrongWorks."""
    now = clock.now()
    check_wanted(said, now)
    _check_where(session, city_id, said)
    facts = {
        "key": key, "city_id": city_id, "organisation_id": municipality_id, "place_id": said.place_id, "zone_id": said.zone_id,
        "kind": said.kind, "severity": said.severity, "texts": dict(said.texts), "starts_at": said.starts_at, "ends_at": said.ends_at,
        "published_at": now, "published_by": identity.sign_in_id, "tells_by_sms": said.tells_by_sms,
        "told_of": "begin" if said.tells_by_sms else "done",
    }  # fmt: skip
    made = session.scalar(insert(WorksNotice).values(facts).on_conflict_do_nothing().returning(WorksNotice.id))
    if made is None:
        return session.scalars(
            select(WorksNotice).where(WorksNotice.key == key, WorksNotice.organisation_id == municipality_id)
        ).one()
    after = {name: facts[name] for name in ("city_id", "place_id", "zone_id", "kind", "severity", "tells_by_sms")}
    audit.record(session, identity.actor, "publish", "works notice", made, after=after)
    return session.get_one(WorksNotice, made)


def _check_where(session: Session, city_id: int, said: Wanted) -> None:
    """A place or zone of another city is none of this municipality's."""
    zone = session.get(Zone, said.zone_id) if said.zone_id is not None else None
    place = session.get(Place, said.place_id) if said.place_id is not None else None
    of_cities = {one.city_id for one in (zone, place) if one is not None}
    is_known = (zone is not None) == (said.zone_id is not None) and (place is not None) == (said.place_id is not None)
    if not is_known or not of_cities <= {city_id}:
        raise WrongWorks(field="where", fault="elsewhere")


def call_off_works(session: Session, identity: Identity, municipality_id: int, notice_id: int) -> WorksNotice:
    """It is over before its end; who was told of it is told so. Raises WorksNotFound, for one that was called off before too."""
    now = clock.now()
    notice = lock_works(session, [municipality_id], notice_id, now)
    notice.called_off_at, notice.called_off_by = now, identity.sign_in_id
    if notice.tells_by_sms:
        notice.told_of, notice.told_to = "end", 0
    audit.record(session, identity.actor, "call off", "works notice", notice_id)
    return notice


def tell_next(session: Session) -> bool:
    """One turn of telling; whether there was anything to tell."""
    waiting = select(WorksNotice).where(WorksNotice.told_of.in_(("begin", "end"))).order_by(WorksNotice.id).limit(1)
    notice = session.scalar(waiting.with_for_update(skip_locked=True))
    if notice is None:
        return False
    tell_turn(session, TELLING, notice, shops_touched(notice), A_TURN)
    return True
