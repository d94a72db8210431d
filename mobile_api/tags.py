"""What tag readers say. They prove themselves with `Authorization: Reader <key>`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from identity.permissions import Permission
from kernel.web.visit import Visit
from merchants.tags.errors import ReaderRefused, SweepIsClosed, SweepNotFound, WrongTagNumber
from merchants.tags.queries import ReaderIdentity, open_sweeps
from merchants.tags.services.reading import MOST_NUMBERS, Event, take_event
from mobile_api.contract import operation
from mobile_api.shapes import Id, Instant

TAG = "Tag readers"
READ = Permission.MERCHANTS_TAG_READ


class TagEvent(Struct, forbid_unknown_fields=True):
    """The reader makes `event_id` before its first try and sends the same again until it is answered."""

    event_id: UUID
    read_at: Instant
    numbers: Annotated[list[str], Meta(max_length=MOST_NUMBERS)]
    sweep: Id | None = None


class Taken(Struct):
    known: int
    unknown: int
    is_repeat: bool


class Sweep(Struct):
    sweep: int
    purpose: str
    begun_at: Instant


class Sweeps(Struct):
    sweeps: list[Sweep]


_AT = datetime(2026, 11, 26, 8, tzinfo=UTC)
_EVENT = TagEvent(UUID("01936f2e-7c1a-7b3e-9d52-3c4f5a6b7c8d"), _AT, ["3074257BF7194E4000001A85"], 7)


@operation(
    "POST", "/tag-events", tag=TAG, permission=READ, status=201, or_status=200, keeps_key=False,
    errors=(ReaderRefused, SweepNotFound, SweepIsClosed, WrongTagNumber), asks=_EVENT, gives=Taken(1, 0, is_repeat=False),
)  # fmt: skip
def tag_event(visit: Visit, body: TagEvent) -> tuple[int, Taken]:
    """Tell what was read; 200 for an event that was told before."""
    event = Event(str(body.event_id), body.read_at, tuple(body.numbers), body.sweep)
    taken = take_event(visit.session, _reader(visit), event)
    return 200 if taken.is_repeat else 201, Taken(taken.known, taken.unknown, taken.is_repeat)


@operation("GET", "/tag-sweeps", tag=TAG, permission=READ, errors=(ReaderRefused,), gives=Sweeps([Sweep(7, "delivery", _AT)]))
def tag_sweeps(visit: Visit) -> Sweeps:
    """The sweeps this reader is to collect for."""
    found = open_sweeps(visit.session, _reader(visit).reader_id)
    return Sweeps([Sweep(one.id, "delivery" if one.delivery_id is not None else "stocktake", one.begun_at) for one in found])


def _reader(visit: Visit) -> ReaderIdentity:
    """Only readers hold the permission of these routes."""
    assert isinstance(visit.identity, ReaderIdentity)  # noqa: S101 - no role has it
    return visit.identity
