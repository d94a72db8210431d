"""Who may write to a person: an organisation whose messages they agreed to, until they end it.

The platform's operator needs no consent for what concerns the card itself; everybody else does.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.models import MessageConsent, Organisation
from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import NotFound

WRITING_KINDS = frozenset({"merchant", "municipality", "sponsor", "union"})


@dataclass(frozen=True, slots=True)
class Agreement:
    organisation_id: int
    names: dict[str, str]
    since: datetime


def agree(session: Session, identity: Identity, organisation_id: int) -> None:
    """Let an organisation write to the person; nothing happens where it may already. Raises NotFound."""
    agree_of(session, identity.actor, identity.person_id, organisation_id)


def agree_of(session: Session, actor: Actor, person_id: int, organisation_id: int) -> None:
    """The same for who said so elsewhere."""
    kind = session.scalar(select(Organisation.kind).where(Organisation.id == organisation_id))
    if kind not in WRITING_KINDS:
        raise NotFound
    given = {"person_id": person_id, "organisation_id": organisation_id, "since": clock.now()}
    made = session.scalar(insert(MessageConsent).values(given).on_conflict_do_nothing().returning(MessageConsent.person_id))
    if made is not None:
        audit.record(session, actor, "agree", "messages", organisation_id)


def end_agreement(session: Session, identity: Identity, organisation_id: int) -> None:
    """No message of theirs from now on, also none that waits; nothing happens where there was no agreement."""
    end_agreement_of(session, identity.actor, identity.person_id, organisation_id)


def end_agreement_of(session: Session, actor: Actor, person_id: int, organisation_id: int) -> None:
    """The same for who has proved by a link that the messages are theirs."""
    own = (MessageConsent.person_id == person_id) & (MessageConsent.organisation_id == organisation_id)
    ended = session.scalar(delete(MessageConsent).where(own).returning(MessageConsent.since))
    if ended is not None:
        audit.record(session, actor, "end", "messages", organisation_id, before={"since": ended.isoformat()})


def agreements_of(session: Session, person_id: int) -> list[Agreement]:
    """Whom a person lets write to them, the newest first. One query."""
    rows = session.execute(
        select(MessageConsent.organisation_id, Organisation.names, MessageConsent.since)
        .join(Organisation, Organisation.id == MessageConsent.organisation_id)
        .where(MessageConsent.person_id == person_id)
        .order_by(MessageConsent.since.desc(), MessageConsent.organisation_id)
    )
    return [Agreement(row.organisation_id, row.names, row.since) for row in rows]


def agreed_people(organisation_id: int) -> Select[int]:
    """Everybody who lets the organisation write to them, as a part of other reads."""
    return select(MessageConsent.person_id).where(MessageConsent.organisation_id == organisation_id)
