"""Customers at the desk: find one, see what the platform knows. Whoever opens a person is written down."""

from datetime import datetime, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank import statements
from cardbank.cards.finding import card_of_typed, persons_of_card_end
from cardbank.cards.queries import cards_of_person
from cardbank.families.queries import family_of_person, members_of, members_seen
from cardbank.keystore.services import open_keystore
from cardbank.replacing.queries import wishes_of_person
from cardbank.visits import visits
from identity.finding import NEWEST, newest_people, people_of_typed
from identity.permissions import Permission
from identity.queries import duplicates_of, names_of_people, person, person_cards
from identity.visits import Visit
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.messages.queries import messages_to
from kernel.messages.rules import shown as shown_address
from kernel.settings import load_settings
from kernel.web.routes import route
from loyalty.groups.queries import groups_of_person
from loyalty.inbox.queries import texts_from
from merchants.complaints.queries import complaints_of_person
from merchants.queries import shop_names
from portal import card_words, letter_words, message_words, stay_words, words
from portal.blueprint import blueprint
from portal.routes.till.reader import reader_origin
from reservations.bookings.queries import bookings_of

VIEW = Permission.IDENTITY_PERSON_VIEW
HERE = "portal.customers"
LINES, BOOKINGS, COMPLAINTS, MESSAGES = 6, 5, 5, 12
PERIOD = timedelta(days=365)


@route(blueprint, "/customers", permission=VIEW)
def customers(visit: Visit) -> ResponseReturnValue:
    return _list(visit)


@route(blueprint, "/customers", permission=VIEW, methods=["POST"])
def find_customer(visit: Visit) -> ResponseReturnValue:
    """What is typed is posted, so that no document and no number stands in an address."""
    typed = request.form.get("find", "").strip()[:200]
    card = card_of_typed(visit.session, open_keystore(load_settings()), typed, clock.now())
    if card is not None:
        return redirect(url_for("portal.customer_card", card_id=card.card_id), 303)
    found = persons_of_card_end(visit.session, typed) or people_of_typed(visit.session, typed)
    if len(found) == 1:
        return redirect(url_for("portal.customer", person_id=found[0]), 303)
    return _list(visit, found, typed)


@route(blueprint, "/customers/<int:person_id>", permission=VIEW)
def customer(visit: Visit, person_id: int) -> ResponseReturnValue:
    shown = person_cards(visit.session, [person_id])
    if not shown:
        raise NotFound
    audit.record(visit.session, visit.identity.actor, "view", "person", person_id)
    now = clock.now()
    cards = cards_of_person(visit.session, person_id)
    of_wallet = {card.wallet_id: card for card in reversed(cards) if card.wallet_id is not None}  # each by its newest card
    wallet_id = next((card.wallet_id for card in cards), None)
    today = local_day(now)
    latest, visited = None, []
    if wallet_id is not None:
        members = members_seen(visit.session, person_id, wallet_id)
        latest = statements.statement(visit.session, wallet_id, today - PERIOD, today, most=LINES, members=members)
        visited = visits(visit.session, wallet_id, today - PERIOD, members=members)
    shops = {one.shop_id for one in visited} | {line.shop_id for line in (latest.lines if latest else ()) if line.shop_id}
    holder = person(visit.session, person_id)
    mobile, email = (holder.mobile, holder.email) if holder else (None, None)
    family = family_of_person(visit.session, person_id)
    relatives = members_of(visit.session, family.wallet_id, today) if family else []
    return render_template(
        "customers/customer.html",
        active=HERE,
        person=shown[0],
        cards=cards,
        wishes=wishes_of_person(visit.session, person_id) if cards else [],
        held=[(card, statements.balances(visit.session, number, now)) for number, card in of_wallet.items()],
        latest=latest,
        visited=visited,
        shops=shop_names(visit.session, shops),
        bookings=bookings_of(visit.session, person_id, now, limit=BOOKINGS),
        email=shown_address(email) if email else "",
        relatives=relatives,
        names=names_of_people(visit.session, {one.person_id for one in relatives if one.person_id}),
        groups=groups_of_person(visit.session, person_id),
        complaints=complaints_of_person(visit.session, person_id, limit=COMPLAINTS),
        thread=_thread(visit, mobile, email),
        others=person_cards(visit.session, duplicates_of(visit.session, person_id)) if mobile else [],
        is_new="new" in request.args,
        told=card_words,
        message_words=message_words,
        letter_words=letter_words,
        stay_words=stay_words,
    )


def _thread(visit: Visit, mobile: str | None, email: str | None) -> list[object]:
    """What was sent to the person and what they wrote, the newest first, in at most two queries."""
    sent = messages_to(visit.session, filter(None, (mobile, email)), limit=MESSAGES) if mobile or email else []
    written = texts_from(visit.session, mobile, limit=MESSAGES) if mobile else []
    both: list[tuple[datetime, object]] = [(one.created_at, one) for one in sent] + [(one.at, one) for one in written]
    return [one for _, one in sorted(both, key=lambda pair: pair[0], reverse=True)[:MESSAGES]]


def _list(visit: Visit, found: list[int] | None = None, typed: str = "") -> ResponseReturnValue:
    """The newest people, or those who were found; none found is told with what could have been typed."""
    before = request.args.get("before", type=int)
    numbers = newest_people(visit.session, before=before, limit=NEWEST + 1) if found is None else found
    people = {one.id: one for one in person_cards(visit.session, numbers[:NEWEST])}
    fault = words.error_sentence(BadInput.code, {"field": "find"}) if found == [] else ""
    page = render_template(
        "customers/list.html",
        active=HERE,
        people=[people[number] for number in numbers[:NEWEST]],
        is_search=found is not None,
        typed=typed,
        fault=fault,
        reader=reader_origin(),
        before=before,
        older=numbers[NEWEST - 1] if found is None and len(numbers) > NEWEST else None,
    )
    return page, 404 if fault else 200
