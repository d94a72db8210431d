"""A complainant leaves for good: what was found and paid stays, who complained does not."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kernel.outbox import publish
from merchants.complaints.events import PicturesForgotten
from merchants.complaints.models import Complaint, ComplaintNote, ComplaintPicture
from merchants.complaints.rules import Party


def forget_complainant(session: Session, person_id: int) -> None:
    """Number, photos and the link to the person are gone; an open complaint is decided without them, and nobody is told."""
    own = session.scalars(
        select(Complaint.id).where(Complaint.person_id == person_id).order_by(Complaint.id).with_for_update()
    ).all()
    if not own:
        return
    session.execute(update(Complaint).where(Complaint.id.in_(own)).values(person_id=None, mobile_sealed=None))
    said = ComplaintNote.complaint_id.in_(own) & (ComplaintNote.party == Party.COMPLAINANT)
    session.execute(update(ComplaintNote).where(said).values(sign_in_id=None))
    names = session.scalars(
        delete(ComplaintPicture).where(ComplaintPicture.complaint_id.in_(own)).returning(ComplaintPicture.name)
    ).all()
    if names:
        publish(session, PicturesForgotten(sorted(names)))
