"""The receipt printer of a web till: where it stands in the shop's network, how wide its paper is."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit
from kernel.printing.slip import DOTS
from kernel.printing.thermal import is_inside
from kernel.text import latin_digits
from merchants.till.errors import WrongPrinter
from merchants.till.models import TillPrinter
from merchants.till.services.shifts import own_shift


def printer_of(session: Session, terminal_id: int) -> TillPrinter | None:
    return session.scalar(select(TillPrinter).where(TillPrinter.terminal_id == terminal_id))


def set_printer(session: Session, identity: Identity, shift_id: int, host: str, width_mm: int, *, opens_drawer: bool) -> None:
    """Put the printer of the till on record at which one is at work; an empty address takes it away.

    Raises ShiftNotFound, NotPermitted, WrongPrinter for an address that is none of a private network.
    """
    terminal_id = own_shift(session, identity, shift_id).shift.terminal_id
    host = latin_digits(host).strip()
    if host and not is_inside(host):
        raise WrongPrinter(field="host", fault="host")
    if width_mm not in DOTS:
        raise WrongPrinter(field="width", fault="width")
    kept = printer_of(session, terminal_id)
    before = {"host": kept.host, "width_mm": kept.width_mm} if kept else None
    if host:
        facts = {"host": host, "width_mm": width_mm, "opens_drawer": opens_drawer}
        put = insert(TillPrinter).values(terminal_id=terminal_id, **facts)
        session.execute(put.on_conflict_do_update(index_elements=["terminal_id"], set_=facts))
    elif kept is not None:
        session.delete(kept)
    session.flush()
    after = {"host": host, "width_mm": width_mm} if host else None
    audit.record(session, identity.actor, "set printer", "web till", terminal_id, before=before, after=after)
