"""What was sent to people by SMS and e-mail, and how far it got. The laboratory sends nothing and shows the words here."""

from typing import Any
from uuid import uuid4

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.errors import WrongContact, WrongMobileNumber
from identity.permissions import Permission
from identity.queries import names_of_people
from identity.rules import contact, mobile_number
from identity.visits import Visit
from kernel.errors import BadInput, NotFound
from kernel.messages.ports import IncomingText
from kernel.messages.queries import messages_page
from kernel.messages.services import facts_of
from kernel.settings import load_settings
from kernel.web.routes import route
from loyalty.inbox.queries import written_texts
from loyalty.inbox.services import take_text
from portal import message_words, words
from portal.blueprint import blueprint

VIEW = Permission.PORTAL_MESSAGE_VIEW
A_PAGE = 20
WRITTEN = 8


@route(blueprint, "/messages", permission=VIEW)
def messages(visit: Visit) -> ResponseReturnValue:
    state = request.args.get("state", "")
    if state and state not in message_words.STATES:
        raise BadInput(field="state")
    before = request.args.get("before", type=int)
    found = messages_page(visit.session, state=state, before=before, limit=A_PAGE + 1)
    older = url_for("portal.messages", state=state or None, before=found[A_PAGE - 1].id) if len(found) > A_PAGE else None
    newer = url_for("portal.messages", state=state or None) if before else None
    return _page(visit, found[:A_PAGE], state=state, older=older, newer=newer)


@route(blueprint, "/messages", permission=VIEW, methods=["POST"])
def find_messages(visit: Visit) -> ResponseReturnValue:
    """The newest to one address, which is posted and never part of an address of ours."""
    typed = request.form.get("contact", "")
    try:
        found = messages_page(visit.session, to=contact(typed), limit=A_PAGE)
    except WrongContact as refusal:
        return _page(visit, [], typed=typed, fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    return _page(visit, found, typed=typed, is_search=True)


@route(blueprint, "/messages/incoming", permission=VIEW, methods=["POST"])
def take_as_if_sent(visit: Visit) -> ResponseReturnValue:
    """In a laboratory, where no provider brings texts: one as if a customer had sent it."""
    if not load_settings().is_laboratory:
        raise NotFound
    typed, said = request.form.get("sender", ""), request.form.get("text", "")
    try:
        sender = mobile_number(typed)
    except WrongMobileNumber as refusal:
        sentence = words.error_sentence(refusal.code, refusal.facts)
        return _page(visit, [], sender=typed, said=said, sender_fault=sentence), refusal.status
    take_text(visit.session, IncomingText(f"laboratory {uuid4()}", sender, said))
    visit.session.flush()
    return _page(visit, messages_page(visit.session, to=sender, limit=A_PAGE), typed=typed, is_search=True)


def _page(visit: Visit, found: Any, **facts: Any) -> str:
    laboratory, written = load_settings().is_laboratory, written_texts(visit.session, limit=WRITTEN)
    return render_template(
        "messages.html",
        active="portal.messages",
        told=message_words,
        found=found,
        texts={one.id: _words(one) for one in found} if laboratory else {},
        laboratory=laboratory,
        written=written,
        names=names_of_people(visit.session, {one.person_id for one in written if one.person_id}),
        **facts,
    )


def _words(message: Any) -> str:
    facts = facts_of(message)
    return message_words.TEXTS.words(message.notice, message.language, facts)[1] if facts is not None else ""
