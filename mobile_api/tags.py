"""What tag readers say. They prove themselves with `Authorization: Reader <key>`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from msgspec import Struct

from identity.permissions import Permission
from kernel.errors import BadInput
from kernel.web.routes import route
from kernel.web.visit import Visit
from merchants.tags.queries import ReaderIdentity, open_sweeps
from merchants.tags.services.reading import MOST_NUMBERS, Event, take_event
from mobile_api.routes import blueprint, body_of

READ = Permission.MERCHANTS_TAG_READ


class TagEvent(Struct, forbid_unknown_fields=True):
    event_id: UUID
    read_at: datetime
    numbers: list[str]
    sweep: int | None = None


@route(blueprint, "/tag-events", permission=READ, methods=["POST"])
def tag_event(visit: Visit) -> ResponseReturnValue:
    """`{event_id, read_at, numbers, sweep?}` → `{known, unknown, is_repeat}`. The reader makes `event_id` (a UUID) before its first
    try and sends the same again until it is answered. 201 the first time, 200 for a repeat; 401 reader_refused; 404 sweep_not_found,
    409 sweep_is_closed; 422 wrong_tag_number, bad_input.
    """
    said = body_of(TagEvent)
    if said.read_at.tzinfo is None:
        raise BadInput(field="read_at")
    if len(said.numbers) > MOST_NUMBERS:
        raise BadInput(field="numbers")
    event = Event(str(said.event_id), said.read_at, tuple(said.numbers), said.sweep)
    taken = take_event(visit.session, _reader(visit), event)
    answer = {"known": taken.known, "unknown": taken.unknown, "is_repeat": taken.is_repeat}
    return answer, 200 if taken.is_repeat else 201


@route(blueprint, "/tag-sweeps", permission=READ)
def tag_sweeps(visit: Visit) -> ResponseReturnValue:
    """The sweeps this reader is to collect for: `{sweeps: [{sweep, purpose, begun_at}]}`."""
    return {"sweeps": [_sweep(sweep) for sweep in open_sweeps(visit.session, _reader(visit).reader_id)]}


def _reader(visit: Visit) -> ReaderIdentity:
    """Only readers hold the permission of these routes."""
    assert isinstance(visit.identity, ReaderIdentity)  # noqa: S101 - no role has it
    return visit.identity


def _sweep(sweep: Any) -> dict[str, Any]:
    purpose = "delivery" if sweep.delivery_id is not None else "stocktake"
    return {"sweep": sweep.id, "purpose": purpose, "begun_at": sweep.begun_at.isoformat()}
