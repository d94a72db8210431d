"""Complaining from a receipt or from a shop's page, and following it by link: two taps, and no sign-in."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.visits import OpenVisit, Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.web.limits import Limit, check_limit
from kernel.web.routes import route
from merchants.complaints import queries
from merchants.complaints.errors import ComplaintMovedOn, ComplaintsNotTaken, ComplaintStands
from merchants.complaints.links import complaint_of_link, follow_link, purchase_of_link
from merchants.complaints.rules import Cause, Party, published
from merchants.complaints.services import complaining
from merchants.complaints.services.complaining import Said
from merchants.complaints.subjects import Subject, subject_of_place, subject_of_purchase
from portal.blueprint import blueprint
from portal.routes.onboarding import forms

MAKE = Permission.MERCHANTS_COMPLAINT_MAKE
A_PAGE = 20
WRITES = Limit("complaints", 20)  # of one address in a minute
ABOUT_A_SHOP = (Cause.WRONG_DATA, Cause.RUDE, Cause.OTHER)
REFUSALS = (BadInput, ComplaintStands, ComplaintsNotTaken)


@route(blueprint, "/r/<link>", public=True)
def purchase_complaint(visit: OpenVisit, link: str) -> ResponseReturnValue:
    """What the code on a receipt opens."""
    return _form(_bought(visit, link), url_for("portal.complain", link=link))


@route(blueprint, "/r/<link>", public=True, methods=["POST"], takes_files=True)
def complain(visit: OpenVisit, link: str) -> ResponseReturnValue:
    return _take(visit, _bought(visit, link), url_for("portal.complain", link=link))


@route(blueprint, "/places/<int:place_id>/complaint", public=True)
def place_complaint(visit: OpenVisit, place_id: int) -> ResponseReturnValue:
    return _form(subject_of_place(visit.session, place_id), url_for("portal.complain_of_place", place_id=place_id))


@route(blueprint, "/places/<int:place_id>/complaint", public=True, methods=["POST"], takes_files=True)
def complain_of_place(visit: OpenVisit, place_id: int) -> ResponseReturnValue:
    return _take(visit, subject_of_place(visit.session, place_id), url_for("portal.complain_of_place", place_id=place_id))


@route(blueprint, "/c/<link>", public=True)
def followed_complaint(visit: OpenVisit, link: str) -> ResponseReturnValue:
    return _followed(visit, link)


@route(blueprint, "/c/<link>", public=True, methods=["POST"], takes_files=True)
def reply_to_complaint(visit: OpenVisit, link: str) -> ResponseReturnValue:
    """More words, a photo, a number to be told at: whatever of the three was given."""
    check_limit(WRITES, request.remote_addr or "")
    complaint = queries.complaint_by_id(visit.session, complaint_of_link(link), lock=True)
    words, photo, mobile = request.form.get("words", ""), forms.uploaded("paper"), request.form.get("mobile", "").strip()
    try:
        if photo:
            complaining.add_picture(visit.session, forms.paper_store(), complaint, photo)
        if mobile:
            complaining.leave_number(visit.session, complaint, mobile)
        if words.strip() or not (photo or mobile):
            complaining.reply(visit.session, complaint, forms.form_key(), words, identity=_complainant(visit, complaint.person_id))
    except (BadInput, ComplaintMovedOn) as refusal:
        visit.session.rollback()
        return _followed(visit, link, refusal)
    return redirect(url_for("portal.followed_complaint", link=link, kept=1), 303)


@route(blueprint, "/me/complaints", permission=MAKE)
def my_complaints(visit: Visit) -> ResponseReturnValue:
    after = request.args.get("after", 0, type=int)
    found = queries.complaints_of_person(visit.session, visit.identity.person_id, after=after, limit=A_PAGE + 1)
    return render_template(
        "complaints/mine.html",
        active="portal.my_complaints",
        rows=found[:A_PAGE],
        links={row.complaint.id: follow_link(row.complaint.id) for row in found},
        older=found[A_PAGE - 1].complaint.id if len(found) > A_PAGE else None,
        after=after,
    )


@route(blueprint, "/me/complaints/<int:complaint_id>/pictures/<int:picture_id>", permission=MAKE)
def own_complaint_picture(visit: Visit, complaint_id: int, picture_id: int) -> ResponseReturnValue:
    """For who complained signed in; the link of a followed complaint opens no picture."""
    found = queries.of_person(visit.session, visit.identity.person_id, complaint_id)
    picture = queries.picture_of(visit.session, found, picture_id)
    return forms.stored_paper(picture.name, picture.media_type, f"complaint-{found.id}-{picture.id}")


@route(blueprint, "/complaint-index", public=True)
def complaint_index(visit: OpenVisit) -> ResponseReturnValue:
    """Complaints of the trades in the last quarter, for everybody."""
    found = queries.trade_index(visit.session)
    rows = [(trade, published(one.complaints, one.sales, one.median_days)) for trade, one in found]
    rows.sort(key=lambda row: (row[1].per_thousand is None, row[1].per_thousand))
    return render_template("complaints/index.html", active=None, rows=rows, counted_at=found[0][1].counted_at if found else None)


def _bought(visit: OpenVisit, link: str) -> Subject:
    return subject_of_purchase(visit.session, *purchase_of_link(link, local_day(clock.now())))


def _take(visit: OpenVisit, subject: Subject, address: str) -> ResponseReturnValue:
    check_limit(WRITES, request.remote_addr or "")
    form, photo = request.form, forms.uploaded("paper")
    said = Said(forms.form_key(), form.get("cause", ""), form.get("words", ""), form.get("mobile", ""), visit.language)
    try:
        complaint = complaining.complain(visit.session, subject, said, identity=visit.identity)
        if photo:
            complaining.add_picture(visit.session, forms.paper_store(), complaint, photo)
    except REFUSALS as refusal:
        visit.session.rollback()
        return _form(subject, address, refusal)
    return redirect(url_for("portal.followed_complaint", link=follow_link(complaint.id), new=1), 303)


def _form(subject: Subject, address: str, fault: DomainError | None = None) -> ResponseReturnValue:
    page = render_template(
        "complaints/tell.html",
        subject=subject,
        causes=tuple(Cause) if subject.bought else ABOUT_A_SHOP,
        address=address,
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=_faults(fault),
    )
    return page, fault.status if fault else 200


def _followed(visit: OpenVisit, link: str, fault: DomainError | None = None) -> ResponseReturnValue:
    complaint = queries.complaint_by_id(visit.session, complaint_of_link(link))
    is_of_visitor = isinstance(visit.identity, Identity) and complaint.person_id == visit.identity.person_id
    page = render_template(
        "complaints/followed.html",
        active="portal.my_complaints" if is_of_visitor else None,
        complaint=complaint,
        shop=queries.shop_names(visit.session, complaint),
        notes=queries.notes_of(visit.session, complaint.id, Party.COMPLAINANT),
        pictures=queries.pictures_of(visit.session, complaint.id),
        is_of_visitor=is_of_visitor,
        order=_paid_order(queries.order_of(visit.session, complaint.id)),
        lines=queries.lines_of(complaint),
        link=link,
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        is_new=request.args.get("new") == "1",
        is_kept=request.args.get("kept") == "1" and fault is None,
        faults=_faults(fault),
    )
    return page, fault.status if fault else 200


def _paid_order(order: Any) -> Any:
    """A complainant hears of a refund once it is there."""
    return order if order is not None and order.paid_at is not None else None


def _faults(fault: DomainError | None) -> dict[str, str]:
    return forms.sentences({str(fault.facts.get("field", "form")): fault}) if fault else {}


def _complainant(visit: OpenVisit, person_id: int | None) -> Identity | None:
    """Who follows by link and is signed in writes under the own sign-in only where the complaint is theirs."""
    identity = visit.identity
    return identity if isinstance(identity, Identity) and identity.person_id == person_id else None
