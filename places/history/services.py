"""Writing down what is known of a place's past, correcting it, taking it away."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from places.errors import PlaceNotFound
from places.history.models import PlaceStatement
from places.history.queries import statement_of
from places.history.rules import Statement
from places.models import Place
from places.pages.services import note_told

AT_ONCE = 500


def write_statement(session: Session, actor: Actor, place_id: int, key: str, said: Statement, *, origin: str = "office") -> None:
    """The same `key` (a UUID) again is the same statement. Raises PlaceNotFound."""
    if session.scalar(select(Place.id).where(Place.id == place_id, Place.closed_at.is_(None))) is None:
        raise PlaceNotFound
    facts = _facts(said) | {"key": key, "place_id": place_id, "origin": origin, "written_at": clock.now()}
    made = session.scalar(insert(PlaceStatement).values(facts).on_conflict_do_nothing().returning(PlaceStatement.id))
    if made is not None:
        note_told(session, [place_id])
        audit.record(session, actor, "write", "place history", place_id, after=_facts(said) | {"statement": made})


def change_statement(session: Session, actor: Actor, place_id: int, statement_id: int, said: Statement) -> None:
    """Raises StatementNotFound."""
    kept = statement_of(session, place_id, statement_id, lock=True)
    after = _facts(said)
    before = {name: getattr(kept, name) for name in after}
    if before == after:
        return
    for name, value in after.items():
        setattr(kept, name, value)
    kept.is_corrected = True
    note_told(session, [place_id])
    audit.record(session, actor, "change", "place history", place_id, before=before, after=after | {"statement": statement_id})


def remove_statement(session: Session, actor: Actor, place_id: int, statement_id: int, why: str) -> None:
    """Raises StatementNotFound."""
    kept = statement_of(session, place_id, statement_id, lock=True)
    kept.removed_at = clock.now()
    note_told(session, [place_id])
    audit.record(
        session,
        actor,
        "remove",
        "place history",
        place_id,
        before={"statement": statement_id, "texts": kept.texts},
        why=why or None,
    )


def take_from_file(session: Session, city_id: int, told: Mapping[str, Sequence[Statement]]) -> int:
    """Code of a place → what a file says of its past, in place of what a file said before; returns how many statements it has."""
    coded = select(Place.code, Place.id).where(Place.city_id == city_id, Place.code.in_(list(told)))
    place_of = {row.code: row.id for row in session.execute(coded)}
    rows = [
        _facts(said) | {"key": str(uuid4()), "place_id": place_of[code], "origin": "file", "written_at": clock.now()}
        for code, statements in told.items() if code in place_of for said in statements
    ]  # fmt: skip
    for first in range(0, len(rows), AT_ONCE):
        given = insert(PlaceStatement).values(rows[first : first + AT_ONCE])
        newer = {name: given.excluded[name] for name in ("texts", "year", "calendar", "year_ce", "is_about", "source", "licence")}
        kept = given.on_conflict_do_update(
            index_elements=["place_id", "kind"], index_where=PlaceStatement.origin == "file", set_=newer, where=~PlaceStatement.is_corrected,
        )  # fmt: skip
        session.execute(kept)
    return len(rows)


def _facts(said: Statement) -> dict[str, object]:
    return {
        "kind": said.kind.value, "texts": said.texts, "year": said.year, "calendar": said.calendar.value if said.calendar else None,
        "year_ce": said.year_ce, "is_about": said.is_about, "source": said.source, "licence": said.licence,
    }  # fmt: skip
