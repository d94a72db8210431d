"""Readers and what they report. An event is told at least once and counts once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.outbox import publish
from merchants.models import Branch
from merchants.tags.errors import (
    ReaderPlaceMissing,
    ReaderRefused,
    SweepIsClosed,
    SweepNotFound,
    UnknownReaderKind,
)
from merchants.tags.events import TagsRead
from merchants.tags.models import TagEvent, TagReader, TagSweep, TagSweepRead
from merchants.tags.queries import ReaderIdentity, key_digest, products_of_gtins, tags_of_numbers
from merchants.tags.rules import Number, ReaderKind, tag_number

MOST_NUMBERS = 1_000
MOST_PLACE = 80
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Event:
    """`event_id` is the reader's own, made before its first try; `sweep_id` is None for what a reader sees in passing."""

    event_id: str
    read_at: datetime
    numbers: tuple[str, ...]
    sweep_id: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """`known` numbers are items of the shop; `is_repeat` says that the event had been taken before."""

    known: int
    unknown: int
    is_repeat: bool


def register_reader(session: Session, actor: Actor, branch: Branch, kind: str, place: str) -> tuple[TagReader, str]:
    """A reader and its key, which is shown this once. Raises UnknownReaderKind, ReaderPlaceMissing."""
    place = " ".join(place.split())
    if kind not in set(ReaderKind):
        raise UnknownReaderKind(field="kind")
    if not 0 < len(place) <= MOST_PLACE:
        raise ReaderPlaceMissing(field="place", most=MOST_PLACE)
    key = token_urlsafe(KEY_BYTES)
    reader = TagReader(branch_id=branch.id, kind=kind, place=place, key_digest=key_digest(key), opened_at=clock.now())
    session.add(reader)
    session.flush()
    audit.record(session, actor, "register", "tag_reader", reader.id, after={"branch_id": branch.id, "kind": kind, "place": place})
    return reader, key


def stop_reader(session: Session, actor: Actor, reader: TagReader) -> None:
    """Its key is refused from its next event on; a new reader gets a new key."""
    if reader.stopped_at is None:
        reader.stopped_at = clock.now()
        audit.record(session, actor, "stop", "tag_reader", reader.id)


def take_event(session: Session, reader: ReaderIdentity, event: Event) -> Taken:
    """Note where the read items are and, for a sweep, that it saw them. The same event again changes nothing.

    Raises WrongTagNumber before anything is taken; SweepNotFound for another reader's sweep, SweepIsClosed.
    """
    numbers = {number.text: number for number in map(tag_number, event.numbers)}
    kept = _lock_reader(session, reader.reader_id)
    known = session.get(TagEvent, (kept.id, event.event_id))
    if known is not None:
        return Taken(known.numbers - known.unknown, known.unknown, is_repeat=True)
    now = clock.now()
    sweep = _open_sweep(session, kept, event.sweep_id) if event.sweep_id is not None else None
    read_at = min(event.read_at, now)
    tags = tags_of_numbers(session, reader.merchant_id, numbers)
    for tag in tags.values():
        if tag.seen_at is None or tag.seen_at <= read_at:
            tag.branch_id, tag.reader_id, tag.seen_at = kept.branch_id, kept.id, read_at
    if sweep is not None and numbers:
        _note(session, sweep, {text: tag.product_id for text, tag in tags.items()}, numbers.values(), reader.merchant_id)
    unknown = len(numbers) - len(tags)
    session.add(
        TagEvent(
            reader_id=kept.id, event_id=event.event_id, sweep_id=sweep.id if sweep else None, numbers=len(numbers),
            unknown=unknown, read_at=read_at, received_at=now,
        )
    )  # fmt: skip
    kept.seen_at = now
    session.flush()
    if tags:
        seen = TagsRead(
            reader.merchant_id, kept.branch_id, kept.id, event.event_id, sweep.id if sweep else None, read_at, tuple(sorted(tags))
        )
        publish(session, seen)
    return Taken(len(tags), unknown, is_repeat=False)


def _note(session: Session, sweep: TagSweep, products: dict[str, int], numbers: Collection[Number], merchant_id: int) -> None:
    """Each number once in a sweep; goods that were never bound are known by the GTIN in their tag."""
    gtins = products_of_gtins(session, merchant_id, {number.gtin for number in numbers if number.gtin})
    rows = [
        {"sweep_id": sweep.id, "number": number.text, "product_id": products.get(number.text) or gtins.get(number.gtin or "")}
        for number in numbers
    ]
    session.execute(insert(TagSweepRead).values(rows).on_conflict_do_nothing())


def _lock_reader(session: Session, reader_id: int) -> TagReader:
    """Two messages of one reader wait for each other, so that the second sees the first."""
    found = select(TagReader).where(TagReader.id == reader_id).with_for_update().execution_options(populate_existing=True)
    reader = session.scalars(found).one()
    if reader.stopped_at is not None:
        raise ReaderRefused
    return reader


def _open_sweep(session: Session, reader: TagReader, sweep_id: int) -> TagSweep:
    sweep = session.scalar(
        select(TagSweep).where(TagSweep.id == sweep_id, TagSweep.reader_id == reader.id).with_for_update(read=True)
    )
    if sweep is None:
        raise SweepNotFound
    if sweep.closed_at is not None:
        raise SweepIsClosed
    return sweep
