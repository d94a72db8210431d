"""Defining a kind of card, and saying its terms anew."""

from typing import Any

import msgspec
from sqlalchemy.orm import Session

from cardbank.kinds.errors import CardKindNotFound, CardKindTaken
from cardbank.kinds.models import CardKind
from cardbank.kinds.queries import lock_kind, newest_version
from cardbank.kinds.rules import KindTerms, check_nature, check_terms
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day


def define_kind(session: Session, actor: Actor, code: str, terms: KindTerms) -> CardKind:
    """A new kind of card. Raises CardKindWrong, CardKindTooEarly, CardKindTaken."""
    check_terms(code, terms, local_day(clock.now()), None)
    lock_kind(session, code)
    if newest_version(session, code) is not None:
        raise CardKindTaken(field="code")
    return _write(session, actor, code, 1, terms, None)


def renew_kind(session: Session, actor: Actor, code: str, terms: KindTerms) -> CardKind:
    """Other terms for cards that are issued from a day on; those of before keep theirs.

    Raises CardKindNotFound, CardKindWrong, CardKindTooEarly.
    """
    lock_kind(session, code)
    newest = newest_version(session, code)
    if newest is None:
        raise CardKindNotFound(kind=code)
    check_terms(code, terms, local_day(clock.now()), newest.starts_on)
    check_nature(terms, holds_money=newest.holds_money)
    return _write(session, actor, code, newest.version + 1, terms, newest)


def _write(session: Session, actor: Actor, code: str, version: int, terms: KindTerms, before: CardKind | None) -> CardKind:
    said = {**msgspec.structs.asdict(terms), "technology": terms.technology.value}
    made = CardKind(code=code, version=version, made_by=actor.name, made_at=clock.now(), **said)
    session.add(made)
    session.flush()
    was = {name: getattr(before, name) for name in said} if before is not None else None
    audit.record(session, actor, "define", "card kind", f"{code} {version}", before=was and _plain(was), after=_plain(said))
    return made


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "starts_on": said["starts_on"].isoformat()}
