"""Who may write to a cardholder: allowed and ended here, one organisation at a time."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity import consents
from identity.permissions import Identity, Permission
from identity.queries import person
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.messages.services import refuses_offers
from kernel.web.routes import route
from merchants.customers import senders_of
from portal.blueprint import blueprint

OWN = Permission.CARDBANK_BALANCE_VIEW


@route(blueprint, "/me/senders", permission=OWN)
def my_senders(visit: Visit) -> ResponseReturnValue:
    identity: Identity = visit.identity
    holder = person(visit.session, identity.person_id)
    mobile = holder.mobile if holder else None
    by_email = holder is not None and holder.letters_by == "email"
    return render_template(
        "me/senders.html",
        active="portal.my_senders",
        senders=senders_of(visit.session, identity.person_id, local_day(clock.now())),
        is_reached=mobile is not None or by_email,
        by_email=by_email,
        refuses=refuses_offers(visit.session, (holder.email if by_email and holder else mobile) or "")
        if mobile or by_email
        else False,
    )


@route(blueprint, "/me/senders/<int:sender_id>", permission=OWN, methods=["POST"])
def choose_sender(visit: Visit, sender_id: int) -> ResponseReturnValue:
    identity: Identity = visit.identity
    choose = consents.agree if request.form.get("write") == "yes" else consents.end_agreement
    choose(visit.session, identity, sender_id)
    return redirect(url_for("portal.my_senders"), 303)
