"""Use cases of letters: write one, decide on another's, stop one; and a turn of sending."""

from collections.abc import Mapping

from sqlalchemy import Select, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from identity.consents import agreed_people
from identity.models import Organisation, Person
from identity.permissions import Identity
from kernel import audit, clock
from kernel.languages import in_language
from kernel.messages.rules import Channel, Purpose
from kernel.messages.services import send, withdraw
from kernel.settings import load_settings
from loyalty.groups.models import CustomerGroup
from loyalty.groups.queries import Visitors, carrier, people_in, reached
from loyalty.letters import rules
from loyalty.letters.errors import LetterIsOver, NobodyToWriteTo, OwnLetter, WrongLetter
from loyalty.letters.links import ending_address
from loyalty.letters.models import Letter, LetterRecipient
from loyalty.letters.notices import PURPOSES, notice_of
from loyalty.letters.queries import letter_of, message_key, message_keys
from loyalty.letters.rules import Draft


def write_letter(
    session: Session,
    identity: Identity,
    organisation: tuple[int, bool],
    key: str,
    draft: Draft,
    to: CustomerGroup | int,
    visitors: Visitors | None = None,
) -> Letter:
    """Settle who gets a letter and when; the same key again is the same letter. `organisation` is its id and whether it is the
    operator's, `to` a group, with its visitors where it is asked, or one person.

    Raises WrongLetter, NobodyToWriteTo.
    """
    organisation_id, is_operator = organisation
    if draft.purpose not in PURPOSES or (draft.purpose != Purpose.OFFER and not is_operator):
        raise WrongLetter(field="purpose")
    now = clock.now()
    facts = {
        "organisation_id": organisation_id, "key": key, "group_id": to.id if isinstance(to, CustomerGroup) else None,
        "purpose": draft.purpose, "channel": rules.channel_of_letter(draft.channel), "subjects": dict(draft.subjects),
        "texts": dict(draft.texts), "people": 0, "parts": 0, "state": "proposed",
        "written_by": identity.sign_in_id, "written_at": now, "send_at": rules.check_send_at(draft.send_at, now),
    }  # fmt: skip
    made = session.scalar(upsert(Letter).values(facts).on_conflict_do_nothing().returning(Letter.id))
    if made is None:
        return _written_before(session, identity, organisation_id, key)
    letter = session.get_one(Letter, made)
    people = people_in(to, visitors) if isinstance(to, CustomerGroup) else select(Person.id).where(Person.id == to)
    _settle(session, letter, reached(organisation_id, people, is_operator=is_operator, channel=letter.channel), draft.frame)
    audit.record(session, identity.actor, "write", "letter", letter.id, after={"people": letter.people, "state": letter.state})
    return letter


def _written_before(session: Session, identity: Identity, organisation_id: int, key: str) -> Letter:
    letter = session.scalars(select(Letter).where(Letter.key == key)).one()
    if letter.organisation_id != organisation_id or letter.written_by != identity.sign_in_id:
        raise WrongLetter(field="key")
    return letter


def _settle(session: Session, letter: Letter, whom: Select[int, str, str], frame: Mapping[str, str]) -> None:
    """Write down the recipients in one statement, then what they come to."""
    found = whom.subquery()
    recipients = select(literal(letter.id), found.c.id)
    session.execute(insert(LetterRecipient).from_select(["letter_id", "person_id"], recipients))
    by = carrier(letter.channel)
    spoken = (
        select(by.label("by"), Person.language, func.count())
        .join(LetterRecipient, LetterRecipient.person_id == Person.id)
        .where(LetterRecipient.letter_id == letter.id)
        .group_by(by, Person.language)
    )
    counted = [(row.by, row.language, row[2]) for row in session.execute(spoken)]
    by_sms = {language: count for channel, language, count in counted if channel == Channel.SMS}
    letter.people = sum(count for _, _, count in counted)
    letter.mails = letter.people - sum(by_sms.values())
    if letter.people == 0:
        raise NobodyToWriteTo
    letter.parts = rules.parts_in_all(letter.texts, by_sms, frame)
    if not rules.needs_second_person(letter.people, load_settings().letter_people_alone):
        letter.state = "scheduled"
    session.flush()


def decide(session: Session, identity: Identity, organisation_id: int | None, letter_id: int, *, may_leave: bool) -> Letter:
    """A second person lets a letter leave, or refuses it. Raises LetterNotFound, LetterIsOver, OwnLetter."""
    letter = letter_of(session, organisation_id, letter_id, lock=True)
    if letter.state != "proposed":
        raise LetterIsOver
    if letter.written_by == identity.sign_in_id:
        raise OwnLetter
    now = clock.now()
    letter.decided_by, letter.decided_at = identity.sign_in_id, now
    letter.state = "scheduled" if may_leave else "refused"
    letter.ended_at = None if may_leave else now
    if not may_leave:
        _end_recipients(session, letter_id)
    audit.record(session, identity.actor, "approve" if may_leave else "refuse", "letter", letter_id)
    return letter


def stop_letter(session: Session, identity: Identity, organisation_id: int | None, letter_id: int) -> Letter:
    """Nobody is written to any more, and what has not left yet does not leave. Raises LetterNotFound, LetterIsOver.

    What a worker has in its hands just now may still leave.
    """
    letter = letter_of(session, organisation_id, letter_id, lock=True)
    if letter.state not in rules.OPEN and not (letter.state == "done" and letter.purpose == Purpose.OFFER):
        raise LetterIsOver
    letter.state, letter.ended_at = "stopped", clock.now()
    _end_recipients(session, letter_id)
    withdrawn = withdraw(session, message_keys(letter_id))
    audit.record(session, identity.actor, "stop", "letter", letter_id, after={"withdrawn": withdrawn})
    return letter


def _end_recipients(session: Session, letter_id: int) -> None:
    due = (LetterRecipient.letter_id == letter_id) & (LetterRecipient.state == "due")
    session.execute(update(LetterRecipient).where(due).values(state="stopped"))


def send_next(session: Session) -> bool:
    """One turn for the letter that waits longest; whether there was one. Recipients and messages are written in one unit of work:
    a worker that dies leaves none of the turn behind, and the next one writes it again.
    """
    letter = session.scalar(_next_due().with_for_update(skip_locked=True))
    if letter is None:
        return False
    letter.state = "sending"
    if not _write_turn(session, letter):
        letter.state, letter.ended_at = "done", clock.now()
    return True


def _next_due() -> Select[Letter]:
    due = Letter.state.in_(("scheduled", "sending")) & (Letter.send_at <= clock.now())
    return select(Letter).where(due).order_by(Letter.send_at, Letter.id).limit(1)


def _write_turn(session: Session, letter: Letter) -> bool:
    """Write to the next few of a letter; whether there may be more. Who can no longer be reached by its channel is left out."""
    own = session.get_one(Organisation, letter.organisation_id)
    may = Person.id.in_(agreed_people(own.id)) if own.kind != "operator" else literal(True)
    turn = session.execute(
        select(LetterRecipient, Person, carrier(letter.channel).label("by"), may.label("may"))
        .join(Person, Person.id == LetterRecipient.person_id)
        .where(LetterRecipient.letter_id == letter.id, LetterRecipient.state == "due")
        .order_by(LetterRecipient.person_id)
        .limit(rules.A_TURN)
    ).all()
    for recipient, person, by, agrees in turn:
        recipient.state = "left_out"
        if by and agrees:
            recipient.state = "written"
            _send(session, letter, own, person, Channel(by))
    return len(turn) == rules.A_TURN


def _send(session: Session, letter: Letter, own: Organisation, person: Person, by: Channel) -> None:
    notice = notice_of(letter.purpose, by)
    facts = {"text": in_language(letter.texts, person.language), "sender": in_language(own.names, person.language)}
    if by is Channel.EMAIL:
        facts["subject"] = in_language(letter.subjects, person.language)
        if notice.purpose is Purpose.OFFER:
            facts["unsubscribe"] = ending_address(person.id, own.id)
    to = (person.email if by is Channel.EMAIL else person.mobile) or ""
    send(session, notice, to, person.language, facts, key=message_key(letter.id, person.id))
