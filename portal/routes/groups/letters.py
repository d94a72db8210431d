"""Letters: write to a group or to one person, see first whom it reaches and what it comes to, decide, stop, and see how far it got."""

from datetime import datetime, time
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.queries import names_of_organisations, names_of_people, people_with_email, people_with_mobile
from identity.rules import contact
from identity.visits import Visit
from kernel import clock
from kernel.calendar import TEHRAN
from kernel.errors import DomainError
from kernel.languages import LANGUAGES, in_language
from kernel.messages.rules import Channel
from kernel.settings import load_settings
from kernel.web.routes import route
from loyalty.groups import queries as groups
from loyalty.groups import services as grouping
from loyalty.groups.rules import CHOSEN, FEWEST_TOLD, told_count
from loyalty.letters import queries, services
from loyalty.letters.errors import WrongLetter
from loyalty.letters.notices import PURPOSES, notice_of
from loyalty.letters.rules import (
    CHANNELS,
    FARTHEST,
    LONGEST_MAIL,
    LONGEST_SUBJECT,
    OPEN,
    Draft,
    channel_of_letter,
    parts_in_all,
    subjects_of,
    texts_of,
)
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from portal import message_words
from portal.blueprint import blueprint
from portal.message_words import TEXTS
from portal.routes.groups import shared
from portal.routes.groups.shared import Writer
from portal.routes.onboarding import forms

WRITE = Permission.LOYALTY_LETTER_WRITE
A_PAGE = 20
HOURS = range(8, 22)
FIELDS = (
    "contact", "day", "hour", "purpose", "channel",
    *(f"{piece}_{language}" for piece in ("subject", "text") for language in LANGUAGES),
)  # fmt: skip


@route(blueprint, "/letters", permission=WRITE)
def letters(visit: Visit) -> ResponseReturnValue:
    writer, before = shared.writer_of(visit, WRITE), request.args.get("before", type=int)
    rows = queries.letters_page(visit.session, writer.organisation_id, before=before, limit=A_PAGE + 1)
    waiting = [] if before else queries.proposed_letters(visit.session, None if writer.is_operator else writer.organisation_id)
    return shared.page(
        visit, "letters/letters.html", writer, active="portal.letters", rows=rows[:A_PAGE], before=before,
        older=rows[A_PAGE - 1].letter.id if len(rows) > A_PAGE else None,
        waiting=[one for one in waiting if one.written_by != _person(visit).sign_in_id],
        senders=names_of_organisations(visit.session, {one.organisation_id for one in waiting}), people_of=_people_of(writer),
    )  # fmt: skip


@route(blueprint, "/letters/new", permission=WRITE)
def new_letter(visit: Visit) -> ResponseReturnValue:
    return _form(visit)


@route(blueprint, "/letters/new", permission=WRITE, methods=["POST"])
def write_letter(visit: Visit) -> ResponseReturnValue:
    """Show what the letter would come to, or write it."""
    writer = shared.writer_of(visit, WRITE)
    try:
        draft, to = _draft(visit, writer), _to(visit, writer)
        if request.form.get("act") != "write":
            return _form(visit, preview=_preview(visit, writer, draft, to))
        visitors = None if isinstance(to, int) else shared.visitors_of(writer, to)
        organisation = (writer.organisation_id, writer.is_operator)
        made = services.write_letter(visit.session, _person(visit), organisation, forms.form_key(), draft, to, visitors)
    except DomainError as refusal:
        visit.session.rollback()
        return _form(visit, refusal)
    return redirect(url_for("portal.letter", letter_id=made.id, organisation=writer.organisation_id), 303)


@route(blueprint, "/letters/<int:letter_id>", permission=WRITE)
def letter(visit: Visit, letter_id: int) -> ResponseReturnValue:
    return _letter(visit, letter_id)


@route(blueprint, "/letters/<int:letter_id>", permission=WRITE, methods=["POST"])
def decide_on_letter(visit: Visit, letter_id: int) -> ResponseReturnValue:
    writer, act = shared.writer_of(visit, WRITE), request.form.get("act")
    whose = None if writer.is_operator else writer.organisation_id
    try:
        if act == "stop":
            services.stop_letter(visit.session, _person(visit), whose, letter_id)
        else:
            services.decide(visit.session, _person(visit), whose, letter_id, may_leave=act == "approve")
    except DomainError as refusal:
        visit.session.rollback()
        return _letter(visit, letter_id, refusal)
    return redirect(url_for("portal.letter", letter_id=letter_id, organisation=writer.organisation_id), 303)


def _person(visit: Visit) -> Identity:
    return visit.identity


def _draft(visit: Visit, writer: Writer) -> Draft:
    """Raises WrongLetter."""
    typed, purpose = forms.typed(), _purpose(writer)
    channel = channel_of_letter(typed.get("channel", Channel.SMS.value))
    subjects, texts = subjects_of(typed, channel), texts_of(typed, channel)
    return Draft(purpose, texts, _send_at(), _frame(visit, writer, purpose, Channel.SMS), channel, subjects)


def _purpose(writer: Writer) -> str:
    """Raises WrongLetter."""
    purpose = request.form.get("purpose", "") if writer.is_operator else "offer"
    if purpose not in PURPOSES:
        raise WrongLetter(field="purpose", fault="purpose")
    return purpose


def _to(visit: Visit, writer: Writer) -> Any:
    """The chosen group, or the person that the operator names by a number or a confirmed address. Raises WrongLetter, GroupNotFound,
    WrongContact.
    """
    person_id = _addressee(visit, writer)
    if person_id is not None:
        return person_id
    chosen = request.values.get("group", type=int)
    if chosen is not None or not writer.is_operator:
        found = groups.group_of(visit.session, writer.organisation_id, chosen or 0)
        grouping.find_owners(visit.session, found)
        return found
    named = contact(request.form.get("contact", ""))
    people = people_with_email(visit.session, named.lower(), 1) if "@" in named else people_with_mobile(visit.session, named, 1)
    if not people:
        raise WrongLetter(field="contact", fault="nobody")
    return people[0]


def _addressee(visit: Visit, writer: Writer) -> int | None:
    """Whom the operator answers from the page of a customer; nobody else writes to a person by number. Raises WrongLetter."""
    asked = request.values.get("person", type=int)
    if asked is None or not writer.is_operator:
        return None
    if not names_of_people(visit.session, [asked]):
        raise WrongLetter(field="contact", fault="nobody")
    return asked


def _send_at() -> datetime:
    """At once where no day is given. Raises WrongLetter."""
    typed = request.form.get("day", "").strip()
    if not typed:
        return clock.now()
    try:
        day = typed_day(typed, "day")
    except WrongDay:
        raise WrongLetter(field="day", fault="no_day") from None
    hour = request.form.get("hour", type=int)
    if hour is None or hour not in HOURS:
        raise WrongLetter(field="hour", fault="send_at")
    at = datetime.combine(day, time(hour), TEHRAN)
    if at - clock.now() > FARTHEST:
        raise WrongLetter(field="day", fault="far")
    return at


def _frame(visit: Visit, writer: Writer, purpose: str, by: Channel) -> dict[str, str]:
    """What stands around the text in each language."""
    names = names_of_organisations(visit.session, {writer.organisation_id})[writer.organisation_id]
    facts = {"text": "", "subject": "", "unsubscribe": f"{load_settings().portal}/unsubscribe/…"}
    return {one: TEXTS.words(notice_of(purpose, by).code, one, facts | {"sender": in_language(names, one)})[1] for one in LANGUAGES}


def _preview(visit: Visit, writer: Writer, draft: Draft, to: Any) -> dict[str, Any]:
    """Whom it reaches, what it comes to, and how it reads by SMS and by e-mail."""
    reach = None if isinstance(to, int) else shared.reach_of(visit.session, writer, to, draft.channel)
    by_sms = reach.counted[Channel.SMS] if reach and reach.by_channel.get(Channel.SMS) else {}
    shown = {Channel.SMS: draft.frame, Channel.EMAIL: _frame(visit, writer, draft.purpose, Channel.EMAIL)}
    leaves_by = [by for by in Channel if draft.channel in (by, CHOSEN)]
    return {
        "reached": reach.total if reach else 1,
        "by_channel": reach.by_channel if reach else {},
        "parts": parts_in_all(draft.texts, by_sms, draft.frame) if by_sms else None,
        "shown": [
            (by, one, draft.subjects.get(one), text + shown[by][one]) for by in leaves_by for one, text in draft.texts.items()
        ],
        "each": {one: parts_in_all({one: text}, {one: 1}, draft.frame) for one, text in draft.texts.items()}
        if Channel.SMS in leaves_by
        else {},
    }


def _people_of(writer: Writer) -> dict[str, Any]:
    return {"of": lambda people: told_count(people, is_operator=writer.is_operator), "fewest": FEWEST_TOLD}


def _form(visit: Visit, refusal: DomainError | None = None, preview: dict[str, Any] | None = None) -> ResponseReturnValue:
    writer = shared.writer_of(visit, WRITE)
    rows = groups.groups_page(visit.session, writer.organisation_id, limit=200)
    asked = request.values.get("person", type=int) if writer.is_operator else None
    addressee = names_of_people(visit.session, [asked]).get(asked) if asked is not None else None
    return shared.page(
        visit, "letters/new.html", writer, refusal, FIELDS, active="portal.letters", preview=preview, hours=HOURS, longest=LONGEST_MAIL,
        person_id=asked if addressee else None, addressee=addressee, channels=CHANNELS, longest_subject=LONGEST_SUBJECT,
        choices=[(row.group.id, row.group.name) for row in rows], chosen=request.values.get("group", type=int),
        key=request.form.get("key") or forms.new_key(), fewest=FEWEST_TOLD,
    )  # fmt: skip


def _letter(visit: Visit, letter_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    """The operator sees whose numbers were written to, masked; the others see how many."""
    writer = shared.writer_of(visit, WRITE)
    found = queries.letter_of(visit.session, None if writer.is_operator else writer.organisation_id, letter_id)
    before = request.args.get("before", type=int)
    messages = queries.messages_of(visit.session, letter_id, before=before, limit=A_PAGE + 1) if writer.is_operator else []
    told = told_count(found.people, is_operator=writer.is_operator)
    by = {Channel.SMS: found.people - found.mails, Channel.EMAIL: found.mails}
    by_channel = {one: count for one, count in by.items() if told and told_count(count, is_operator=writer.is_operator)}
    return shared.page(
        visit, "letters/letter.html", writer, refusal, active="portal.letters", letter=found, told_people=told, fewest=FEWEST_TOLD,
        by_channel=by_channel, message_faults=message_words.FAULTS, fates=queries.fates_of(visit.session, letter_id) if told else {}, messages=messages[:A_PAGE],
        older=messages[A_PAGE - 1].id if len(messages) > A_PAGE else None, is_open=found.state in OPEN,
        is_own=found.written_by == _person(visit).sign_in_id, senders=names_of_organisations(visit.session, {found.organisation_id}),
    )  # fmt: skip
