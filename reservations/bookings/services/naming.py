"""Which terminals stand at an organisation's doors. A house's own tills do so by themselves."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.text import latin_digits
from merchants.queries import TerminalRow, terminal_by_code, terminals_by_id
from reservations.bookings.models import DoorTerminal
from reservations.bookings.queries import doors_of
from reservations.errors import DoorTaken, DoorUnknown


@dataclass(frozen=True, slots=True)
class NamedDoor:
    door: DoorTerminal
    terminal: TerminalRow


def named_doors(session: Session, organisation_ids: Collection[int]) -> list[NamedDoor]:
    """Two queries."""
    doors = doors_of(session, organisation_ids)
    terminals = terminals_by_id(session, [one.terminal_id for one in doors]) if doors else {}
    return [NamedDoor(one, terminals[one.terminal_id]) for one in doors]


def name_door(session: Session, identity: Identity, organisation_id: int, typed: str) -> DoorTerminal:
    """Let a terminal admit the organisation's guests. Named again it stays. Raises DoorUnknown, DoorTaken."""
    terminal = terminal_by_code(session, latin_digits(typed).strip().upper())
    if terminal is None or terminal.status != "active":
        raise DoorUnknown(field="code")
    held = session.get(DoorTerminal, terminal.terminal_id, with_for_update=True)
    if held is not None:
        if held.organisation_id != organisation_id:
            raise DoorTaken(field="code")
        return held
    made = DoorTerminal(terminal_id=terminal.terminal_id, organisation_id=organisation_id, named_at=clock.now())
    session.add(made)
    session.flush()
    audit.record(session, identity.actor, "name_door", "terminal", terminal.code, after={"organisation_id": organisation_id})
    return made


def give_up_door(session: Session, identity: Identity, organisation_ids: Collection[int], terminal_id: int) -> None:
    """The terminal admits nobody of theirs any more. Raises DoorUnknown."""
    held = session.get(DoorTerminal, terminal_id, with_for_update=True)
    if held is None or held.organisation_id not in organisation_ids:
        raise DoorUnknown(field="code")
    session.delete(held)
    audit.record(session, identity.actor, "give_up_door", "terminal", terminal_id, before={"organisation_id": held.organisation_id})
