"""The own e-mail address: typed, confirmed by the code that comes there, chosen for letters, removed; and the link that ends letters."""

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity import emails
from identity.permissions import Identity, Permission
from identity.visits import OpenVisit, Visit
from kernel.errors import BadInput, DomainError, NotFound
from kernel.messages.rules import Channel
from kernel.web.application import exempt_from_csrf
from kernel.web.limits import Limit, check_limit
from kernel.web.refusals import problem
from kernel.web.routes import Door, open_door, route
from loyalty.letters import links
from portal import letter_words, words
from portal.blueprint import blueprint

OWN = Permission.CARDBANK_BALANCE_VIEW
ENDINGS = Limit("ended-letters", 60)
CHANNELS = (Channel.SMS, Channel.EMAIL)

pressed = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")


@route(blueprint, "/me/email", permission=OWN)
def my_email(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/me/email", permission=OWN, methods=["POST"])
def keep_my_email(visit: Visit) -> ResponseReturnValue:
    identity, act, form = _person(visit), request.form.get("act", ""), request.form
    try:
        if act == "ask":
            emails.ask_email_code(visit.session, identity, form.get("email", "")[:200])
        elif act == "confirm":
            emails.confirm_email(visit.session, identity, form.get("code", "")[:20])
        elif act == "remove":
            emails.remove_email(visit.session, identity)
        elif act == "choose":
            emails.choose_letters_by(visit.session, identity, form.get("letters_by", ""))
        elif act == "offers":
            emails.choose_offers(visit.session, identity, wanted=form.get("offers") == "some")
        else:
            raise BadInput(field="act")
    except DomainError as refusal:
        if not refusal.is_recorded:
            visit.session.rollback()
        return _page(visit, refusal), refusal.status
    return redirect(url_for("portal.my_email", done=None if act == "ask" else act), 303)


@route(blueprint, "/letters/ended/<link>", public=True)
def ended_letters(visit: OpenVisit, link: str) -> ResponseReturnValue:
    """What the link of an e-mail letter opens: whose letters it ends. Nothing has ended yet."""
    return render_template("letters/ended.html", sender=links.sender_of_link(visit.session, link), link=link, done="")


@route(blueprint, "/letters/ended/<link>", public=True, methods=["POST"])
def end_letters(visit: OpenVisit, link: str) -> ResponseReturnValue:
    check_limit(ENDINGS, request.remote_addr or "")
    act = request.form.get("act", "")
    if act not in ("sender", "everybody"):
        raise BadInput(field="act")
    links.end_by_link(visit.session, link, everybody=act == "everybody")
    return render_template("letters/ended.html", sender=links.sender_of_link(visit.session, link), link=link, done=act)


@route(pressed, "/<link>", public=True)
def follow_unsubscribe(visit: OpenVisit, link: str) -> ResponseReturnValue:
    """Whoever opens the address reads first; programs that look at links in mails end nothing."""
    return redirect(url_for("portal.ended_letters", link=link))


@route(pressed, "/<link>", public=True, methods=["POST"])
def unsubscribe(visit: OpenVisit, link: str) -> ResponseReturnValue:
    """One press in a mail program (RFC 8058), which sends no cookie and follows no redirect. Raises NotFound for any other form."""
    check_limit(ENDINGS, request.remote_addr or "")
    if request.form.get("List-Unsubscribe") != "One-Click":
        raise NotFound
    links.end_by_link(visit.session, link)
    return {"status": "ended"}


def register_unsubscribe(app: Flask) -> None:
    """Put the door under /unsubscribe: the link is the proof, and no cookie is read there."""
    app.register_blueprint(pressed)
    exempt_from_csrf(app, pressed)
    open_door(app, pressed.name, Door(lambda *_: None, problem, prefix="/unsubscribe/"))


def _person(visit: Visit) -> Identity:
    return visit.identity


def _page(visit: Visit, refusal: DomainError | None = None) -> str:
    sentence = words.error_sentence(refusal.code, refusal.facts) if refusal else ""
    field = str(refusal.facts.get("field", "")) if refusal else ""
    return render_template(
        "me/email.html",
        active="portal.my_email",
        own=emails.own_email(visit.session, _person(visit).person_id),
        channels=CHANNELS,
        told=letter_words,
        typed=request.form,
        faults={field: sentence} if field in ("email", "code") else {},
        fault=sentence if field not in ("email", "code") else "",
        done=request.args.get("done", ""),
    )
