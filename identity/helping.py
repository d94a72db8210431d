"""People who help others: a son sees his mother's purse and stops her lost card, because she said so.

Who is helped makes a one-time code and says what it allows; whoever brings it may do that and nothing else, until one of the two
ends it. Nobody is helped who did not ask for it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from identity.errors import CodeRefused, HelpingNotFound, HelpsAlready, NotTheirHelper
from identity.invitations import code_digest, new_code
from identity.models import HelpCode, Helping
from identity.permissions import Identity
from identity.queries import names_of_people
from kernel import audit, clock
from kernel.errors import BadInput

CODE_LIFE = timedelta(days=1)
PURPOSE = "helping"


class Act(StrEnum):
    SEE = "see"  # cards, purses, statement, receipts
    HOLD = "hold"  # stop a card, and let it pay again
    GUARD = "guard"  # keep the help card, and be told where it was shown


@dataclass(frozen=True, slots=True)
class Help:
    """`person` helps or is helped; `is_mine` says that it is I who help."""

    id: int
    person_id: int
    names: dict[str, str]
    may: tuple[Act, ...]
    since: datetime
    is_mine: bool


def allow_help(session: Session, identity: Identity, may: Collection[str]) -> str:
    """A code with which somebody may help me, for a day. Raises BadInput (`may`)."""
    if not may or not set(may) <= set(Act):
        raise BadInput(field="may")
    code = new_code()
    made = HelpCode(
        code_digest=code_digest(code, PURPOSE),
        person_id=identity.person_id,
        may=sorted(set(may)),
        usable_until=clock.now() + CODE_LIFE,
    )
    session.add(made)
    session.flush()
    audit.record(session, identity.actor, "allow_help", "person", identity.person_id, after={"may": made.may})
    return code


def begin_help(session: Session, identity: Identity, typed: str) -> Help:
    """Use a code up and help who made it. Raises CodeRefused, HelpsAlready."""
    now = clock.now()
    usable = (HelpCode.code_digest == code_digest(typed, PURPOSE)) & HelpCode.used_at.is_(None) & (HelpCode.usable_until > now)
    code = session.scalar(select(HelpCode).where(usable).with_for_update())
    if code is None or code.person_id == identity.person_id:
        raise CodeRefused(field="code")
    if session.scalar(_live().where(Helping.person_id == code.person_id, Helping.helper_id == identity.person_id)) is not None:
        raise HelpsAlready
    code.used_at = now
    made = Helping(person_id=code.person_id, helper_id=identity.person_id, may=code.may, since=now)
    session.add(made)
    session.flush()
    audit.record(session, identity.actor, "begin_help", "person", code.person_id, after={"may": code.may})
    return _helps(session, [made], identity)[0]


def end_help(session: Session, identity: Identity, helping_id: int) -> None:
    """Raises HelpingNotFound for one that is neither given nor taken by this person, or has ended."""
    held = session.scalar(_live().where(Helping.id == helping_id, _of(identity)).with_for_update())
    if held is None:
        raise HelpingNotFound(helping_id=helping_id)
    held.ended_at = clock.now()
    audit.record(session, identity.actor, "end_help", "person", held.person_id)


def helps_of(session: Session, identity: Identity, most: int = 50) -> list[Help]:
    """Who helps this person and whom this person helps. Two queries."""
    return _helps(session, list(session.scalars(_live().where(_of(identity)).order_by(Helping.id).limit(most))), identity)


def check_helper(session: Session, identity: Identity, person_id: int, act: Act) -> None:
    """Raises NotTheirHelper unless it is the person, or somebody they let do this."""
    if person_id == identity.person_id:
        return
    held = session.scalar(_live().where(Helping.person_id == person_id, Helping.helper_id == identity.person_id))
    if held is None or act not in held.may:
        raise NotTheirHelper


def guardians_of(session: Session, person_id: int) -> list[int]:
    """Who keeps this person's help card beside themselves."""
    held = session.scalars(_live().where(Helping.person_id == person_id).order_by(Helping.id))
    return [one.helper_id for one in held if Act.GUARD in one.may]


def _live() -> Select[Helping]:
    return select(Helping).where(Helping.ended_at.is_(None))


def _of(identity: Identity) -> ColumnElement[bool]:
    return (Helping.person_id == identity.person_id) | (Helping.helper_id == identity.person_id)


def _helps(session: Session, rows: list[Helping], identity: Identity) -> list[Help]:
    others = {one.id: one.helper_id if one.person_id == identity.person_id else one.person_id for one in rows}
    names = names_of_people(session, others.values()) if others else {}
    return [
        Help(
            one.id, others[one.id], names[others[one.id]], tuple(map(Act, one.may)), one.since, one.helper_id == identity.person_id
        )
        for one in rows
    ]
