"""What every use case of a complaint does besides: a note in the thread, a line of audit, and a message to who left a number."""

from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import day_digits, local_day
from kernel.languages import in_language
from kernel.messages.rules import Notice
from kernel.messages.services import send
from kernel.messages.texts import Facts
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings
from kernel.text import localised_digits
from merchants.complaints import queries
from merchants.complaints.links import follow_link
from merchants.complaints.models import Complaint, ComplaintNote
from merchants.complaints.rules import Audience, Party

MOBILE = "complainant's mobile number"


def note(
    session: Session, complaint: Complaint, key: str, actor: Actor, party: Party, act: str, words: str, audience: Audience
) -> ComplaintNote:
    """Write one sentence of the thread. A complainant stands in it without a name."""
    is_named = party not in (Party.COMPLAINANT, Party.SYSTEM)
    said = ComplaintNote(
        key=key, complaint_id=complaint.id, party=party, audience=audience, act=act, words=words,
        sign_in_id=actor.account_id, said_by=actor.name if is_named else "", at=clock.now(),
    )  # fmt: skip
    session.add(said)
    session.flush()
    facts = {"state": complaint.state, "note": said.id}
    audit.record(session, actor, act, "complaint", complaint.id, after=facts)
    return said


def seal_mobile(mobile: str, key: str) -> bytes:
    return seal(MOBILE, mobile, key)


def mobile_of(complaint: Complaint) -> str | None:
    """The number that was left, for its owner's own eyes and for messages."""
    return None if complaint.mobile_sealed is None else open_sealed(MOBILE, complaint.mobile_sealed, complaint.key)


def tell_complainant(session: Session, complaint: Complaint, notice: Notice, facts: Facts | None = None) -> None:
    """Nothing happens where no number was left; the same version is told once."""
    mobile = mobile_of(complaint)
    if mobile is None:
        return
    told = _common(session, complaint, complaint.language) | {"link": f"{load_settings().portal}/c/{follow_link(complaint.id)}"}
    send(
        session,
        notice,
        mobile,
        complaint.language,
        told | dict(facts or {}),
        key=f"complaint-{complaint.id}-{complaint.version}-{notice.code}",
    )


def tell_shop(session: Session, complaint: Complaint, organisation_id: int, notice: Notice, facts: Facts, occasion: str) -> None:
    """Who runs the shop, each in the own language."""
    link = {"link": f"{load_settings().portal}/shop-complaints/{complaint.id}"}
    for place, (mobile, language) in enumerate(queries.phones_of_shop(session, organisation_id)):
        send(
            session,
            notice,
            mobile,
            language,
            _common(session, complaint, language) | link | dict(facts),
            key=f"complaint-{complaint.id}-{occasion}-{place}",
        )


def _common(session: Session, complaint: Complaint, language: str) -> dict[str, str]:
    until = day_digits(local_day(complaint.due_at), language)
    return {"shop": in_language(queries.shop_names(session, complaint), language), "until": localised_digits(until, language)}
