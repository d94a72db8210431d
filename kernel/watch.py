"""How the parts of the platform are: looked at by the worker, kept as spans of time, shown to everybody.

A worker that does not look any more is itself the news: what it said last counts for a while, then nothing is known.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Boolean, Index, String, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel import clock
from kernel.background import Errand, Step
from kernel.db import Base, Key
from kernel.messages.models import Message
from kernel.settings import load_settings

PARTS = ("portal", "gateway", "teller", "messages", "worker")
EVERY_SECONDS = 20.0
COUNTS_FOR = timedelta(seconds=90)
MOST_LATE = timedelta(minutes=10)  # a message that was due then has not left
KEPT = timedelta(days=90)
REACHED_WITHIN = 2.0


class ServiceState(Base):
    """A span in which a part was up, or was not; the present one has no `until`."""

    __tablename__ = "service_state"
    __table_args__ = (
        Index("uq_service_state_now", "part", unique=True, postgresql_where=text("until IS NULL")),
        Index("ix_service_state_since", "since"),
    )

    id: Mapped[Key]
    part: Mapped[str] = mapped_column(String(12))
    is_up: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[datetime]
    checked_at: Mapped[datetime]
    until: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class PartNow:
    """`is_up` is None where nothing is known; `since` is when it began to be so, as far as that is known."""

    part: str
    is_up: bool | None
    since: datetime | None
    checked_at: datetime | None


def take_look(session: Session) -> Sequence[bool]:
    """One look, which carries what the database knows: whether messages leave in time."""
    late = select(func.count()).select_from(Message).where(Message.state == "waiting", Message.due_at < clock.now() - MOST_LATE)
    return [session.scalar(late) == 0]


def look(messages_leave: bool) -> Mapping[str, bool]:
    """Whether each part answers where its users find it. Outside every transaction."""
    settings = load_settings()
    portal = urlsplit(settings.portal)
    return {
        "portal": _answers(lambda: _reach(portal.hostname or "", portal.port or {"https": 443}.get(portal.scheme, 80))),
        "gateway": _answers(lambda: _reach(*settings.gateway_for_tills)),
        "teller": _answers(lambda: _reach_file(str(settings.teller_socket))),
        "messages": messages_leave,
        "worker": True,
    }


def note_look(session: Session, _: bool, found: Mapping[str, bool]) -> None:
    """A part that is as it was goes on with its span; another begins a new one."""
    now = clock.now()
    present = {
        one.part: one
        for one in session.scalars(
            select(ServiceState).where(ServiceState.until.is_(None)).order_by(ServiceState.part).with_for_update()
        )
    }
    for part, is_up in sorted(found.items()):
        held = present.get(part)
        is_broken_off = part == "worker" and held is not None and now - held.checked_at > COUNTS_FOR
        if held is not None and held.is_up == is_up and not is_broken_off:
            held.checked_at = now
            continue
        began = now
        if held is not None:
            held.until = held.checked_at if is_broken_off else now
            session.flush()
            if is_broken_off:
                session.add(ServiceState(part=part, is_up=False, since=held.checked_at, checked_at=now, until=now))
        fresh = {"part": part, "is_up": is_up, "since": began, "checked_at": now}
        session.execute(insert(ServiceState).values(fresh).on_conflict_do_nothing())


def forget_spans(session: Session) -> None:
    session.execute(delete(ServiceState).where(ServiceState.until < clock.now() - KEPT))


def parts_now(session: Session) -> list[PartNow]:
    """Every part as it was last seen; what was seen too long ago is not known, and the worker that should have looked is down. One query."""
    now = clock.now()
    seen = {one.part: one for one in session.scalars(select(ServiceState).where(ServiceState.until.is_(None)))}
    found = []
    for part in PARTS:
        one = seen.get(part)
        if one is None:
            found.append(PartNow(part, None, None, None))
        elif now - one.checked_at <= COUNTS_FOR:
            found.append(PartNow(part, one.is_up, one.since, one.checked_at))
        else:
            found.append(PartNow(part, False if part == "worker" else None, one.checked_at, one.checked_at))
    return found


def faults_since(session: Session, since: datetime, most: int = 20) -> Sequence[ServiceState]:
    """When parts did not answer, the newest first, those that do not answer now among them. One query."""
    bad = select(ServiceState).where(~ServiceState.is_up, func.coalesce(ServiceState.until, clock.now()) >= since)
    return session.scalars(bad.order_by(ServiceState.since.desc()).limit(most)).all()


def _answers(reach: Callable[[], None]) -> bool:
    try:
        reach()
    except OSError:
        return False
    return True


def _reach(host: str, port: int) -> None:
    with socket.create_connection((host, port), REACHED_WITHIN):
        pass


def _reach_file(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as reached:
        reached.settimeout(REACHED_WITHIN)
        reached.connect(path)


STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "watch_parts": (Errand(take_look, look, note_look), EVERY_SECONDS),
    "forget_spans": (forget_spans, 3_600.0),
}
