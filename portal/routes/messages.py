"""What was sent to people by SMS and e-mail, and how far it got. The laboratory sends nothing and shows the words here."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.errors import WrongContact
from identity.permissions import Permission
from identity.rules import contact
from kernel.errors import BadInput
from kernel.messages.queries import messages_page
from kernel.messages.services import facts_of
from kernel.settings import load_settings
from kernel.web.routes import route
from kernel.web.visit import Visit
from portal import message_words, words
from portal.blueprint import blueprint

VIEW = Permission.PORTAL_MESSAGE_VIEW
A_PAGE = 20


@route(blueprint, "/messages", permission=VIEW)
def messages(visit: Visit) -> ResponseReturnValue:
    state = request.args.get("state", "")
    if state and state not in message_words.STATES:
        raise BadInput(field="state")
    before = request.args.get("before", type=int)
    found = messages_page(visit.session, state=state, before=before, limit=A_PAGE + 1)
    older = url_for("portal.messages", state=state or None, before=found[A_PAGE - 1].id) if len(found) > A_PAGE else None
    newer = url_for("portal.messages", state=state or None) if before else None
    return _page(found[:A_PAGE], state=state, older=older, newer=newer)


@route(blueprint, "/messages", permission=VIEW, methods=["POST"])
def find_messages(visit: Visit) -> ResponseReturnValue:
    """The newest to one address, which is posted and never part of an address of ours."""
    typed = request.form.get("contact", "")
    try:
        found = messages_page(visit.session, to=contact(typed), limit=A_PAGE)
    except WrongContact as refusal:
        return _page([], typed=typed, fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    return _page(found, typed=typed, is_search=True)


def _page(found: Any, **facts: Any) -> str:
    laboratory = load_settings().is_laboratory
    return render_template(
        "messages.html",
        active="portal.messages",
        told=message_words,
        found=found,
        texts={one.id: _words(one) for one in found} if laboratory else {},
        laboratory=laboratory,
        **facts,
    )


def _words(message: Any) -> str:
    facts = facts_of(message)
    return message_words.TEXTS.words(message.notice, message.language, facts)[1] if facts is not None else ""
