"""The holder pays without the card: a QR code that a till scans, good for a minute and for one payment."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.codes import LIVES, CardCode, new_code
from cardbank.cards.rules import refusal_of_state
from cardbank.keystore.services import open_keystore
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.settings import load_settings
from kernel.web.routes import route
from portal.blueprint import blueprint
from portal.routes.me import Holder, holder_of
from portal.routes.onboarding.forms import qr

VIEW = Permission.CARDBANK_BALANCE_VIEW
FRESH_SECONDS = LIVES.total_seconds() / 2  # a code that is on the screen has half of its minute left at least


@route(blueprint, "/me/code", permission=VIEW)
def my_code(visit: Visit) -> ResponseReturnValue:
    holder = holder_of(visit)
    if holder is None:
        return redirect(url_for("portal.my_card"))
    refusal = refusal_of_state(holder.card, local_day(clock.now()))
    code = _code(holder) if refusal is None else None
    return render_template(
        "me/code.html",
        active="portal.my_card",
        holder=holder,
        refusal=refusal,
        code=code,
        qr=qr(code.digits) if code else None,
        seconds=int(FRESH_SECONDS),
    )


@route(blueprint, "/me/code/now", permission=VIEW)
def my_code_now(visit: Visit) -> ResponseReturnValue:
    """The code alone, for the page that shows it; 404 for a card that may not pay any more."""
    holder = holder_of(visit)
    if holder is None or refusal_of_state(holder.card, local_day(clock.now())) is not None:
        return "", 404
    code = _code(holder)
    return render_template("me/code_now.html", code=code, qr=qr(code.digits))


def _code(holder: Holder) -> CardCode:
    return new_code(open_keystore(load_settings()), holder.card.card_id, clock.now())
