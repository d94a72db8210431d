"""Every route with every role, and every role with the objects of other organisations: no way in."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from identity.models import Membership
from identity.permissions import ROLE_PERMISSIONS, Role
from kernel.db import engine, unit_of_work
from kernel.settings import load_settings
from mobile_api.contract import OPERATIONS
from places.services import found_city
from tests.factories import ACTOR
from tests.functional.sides import World, side
from tests.merchants.onboarding import files

ANONYMOUS = "anonymous"
# The operator runs the platform for all; the city's manager reads lists and aggregates of a city only, none of which takes an id.
REACHES_ALL = frozenset({Role.OPERATOR})
STAFF = frozenset({Role.CITY_MANAGER, Role.MERCHANT, Role.MUNICIPALITY, Role.SPONSOR, Role.UNION})
METHODS = ("GET", "POST", "PUT", "DELETE")
NAMES_NOTHING = {
    "day",
    "form",
    "first",
    "last",
    "report",
    "secret",
    "sender_id",
    "stay_id",
    "seat_session_id",
}  # arguments that say how or what kind, or name whom everybody may book or hear
# A form that is right for every route that takes one, so that an answer is never about the form.
BODY = {
    "version": "4", "key": str(uuid4()), "act": "close", "why": "x", "licence_expires_on": "1410/01/01", "piece": "licence_paper",
    "by": "receipt", "form": "csv", "name": "x", "word": "found", "note": "x",
}  # fmt: skip
NOT_PAID = {"mobile_api.live_pass"}  # the booking is kept, and has no pass yet
NEEDS_A_QUERY = frozenset({"portal.live_feed", "portal.tagged_goods", "portal.till_goods"})


@pytest.fixture(scope="module")
def world(own_database: str, made_application: Flask) -> Iterator[World]:
    """Made once: what is asked here is refused, so that it stays as it was."""
    with pytest.MonkeyPatch.context() as patch, Session(engine(), expire_on_commit=False) as session:
        patch.setitem(made_application.config, "WTF_CSRF_ENABLED", False)
        yield made(made_application, session)


def made(app: Flask, session: Session) -> World:
    far = found_city(session, ACTOR, "qom", {"fa": "قم"}, 59.62, 36.29, "Asia/Tehran")
    folder = load_settings().documents_folder
    own = side(app, session, folder, files.town(session), "فروشگاه خودی")
    other = side(app, session, folder, files.town(session, far), "فروشگاه بیگانه")
    return World(app, own, other)


def routes(app: Flask) -> list[tuple[str, str, set[str], str | None]]:
    """(endpoint, method, arguments, permission) of every route but the files anybody may fetch."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint.endswith("static"):
            continue
        permission = getattr(view, "permission", None)
        found += [(rule.endpoint, method, set(rule.arguments), permission) for method in METHODS if method in rule.methods]
    return found


def ask(world: World, role: str, endpoint: str, method: str, values: dict[str, Any], data: dict[str, Any] | None = None) -> Any:
    arguments = {name: values[name] for name in rule_arguments(world.app, endpoint)}
    with world.app.test_request_context():
        address = world.app.url_for(endpoint, **arguments)
    client = world.app.test_client() if role == ANONYMOUS else world.own.clients[role]
    if endpoint.startswith("mobile_api."):
        headers = {"Authorization": f"Bearer {world.own.bearers[role]}"} if role != ANONYMOUS else {}
        example = next((made.asks for made in OPERATIONS if f"mobile_api.{made.name}" == endpoint), None)
        asked = msgspec.json.encode(example) if example is not None else None
        return client.open(address, method=method, data=asked, headers=headers | {"Idempotency-Key": str(uuid4())})
    return client.open(address, method=method, data=data or (BODY if method == "POST" else {}))


def rule_arguments(app: Flask, endpoint: str) -> set[str]:
    return set().union(*(rule.arguments for rule in app.url_map.iter_rules(endpoint)))


def is_sent_away(answer: Any) -> bool:
    """Refused, or led to the page where one signs in."""
    return answer.status_code in (401, 403) or (answer.status_code == 302 and "/sign-in" in answer.location)


def test_every_route_refuses_every_role_without_its_permission(world: World) -> None:
    asked = 0
    for endpoint, method, arguments, permission in routes(world.app):
        assert arguments <= set(world.own.values), f"{endpoint}: say in this test what its arguments name"
        if getattr(world.app.view_functions[endpoint], "is_public", False):
            continue
        answer = ask(world, ANONYMOUS, endpoint, method, world.own.values)
        assert is_sent_away(answer), f"anonymous {method} {endpoint} answers {answer.status_code}"
        if permission is None:
            continue
        for role in Role:
            if permission in ROLE_PERMISSIONS[role]:
                continue
            answer = ask(world, role, endpoint, method, world.own.values)
            assert answer.status_code == 403, f"{role} {method} {endpoint} answers {answer.status_code}"
            asked += 1
    assert asked > 200


def test_every_role_opens_its_own_pages(world: World) -> None:
    for endpoint, method, _, permission in routes(world.app):
        if method != "GET" or permission is None:
            continue
        for role in Role:
            if permission not in ROLE_PERMISSIONS[role]:
                continue
            answer = ask(world, role, endpoint, method, world.own.values)
            if endpoint in NOT_PAID:
                assert answer.status_code == 409
                continue
            # Some objects are of no use to a role that may open others of their kind: they are not found, never broken.
            if endpoint in NEEDS_A_QUERY:
                assert answer.status_code == 422
                continue
            assert answer.status_code in (200, 302, 404), f"{role} {method} {endpoint} answers {answer.status_code}"
            assert answer.status_code != 404 or (endpoint, role) in NOT_THEIRS, f"{role} does not find its own {endpoint}"


# A desk receipt is of a top-up, not of a purchase; the operator sells nothing and has no card.
NOT_THEIRS = {
    ("portal.desk_receipt", Role.OPERATOR),
    ("portal.leaving_receipt", Role.OPERATOR),
    ("portal.transfer_receipt", Role.OPERATOR),
    ("portal.sales", Role.OPERATOR),
    ("portal.sale_receipt", Role.OPERATOR),
}
# The entry is a purchase, and no gift that was loaded.
NOT_THEIRS |= {("portal.till_gift", role) for role in (Role.CASHIER, Role.MERCHANT)}
# A house of a union's member answers to the union alone; the city's office has a desk for its own programmes.
NOT_THEIRS |= {
    ("portal.overseen_house", Role.MUNICIPALITY),
    ("portal.desk_booking", Role.CITY_MANAGER),
    ("portal.book_at_desk", Role.CITY_MANAGER),
}
# Groups and letters are their organisation's, which is the shop here; the operator decides on letters of all.
NOT_THEIRS |= {(f"portal.{page}", role) for page in ("customer_group", "group_list") for role in (Role.OPERATOR, Role.SPONSOR)}
NOT_THEIRS |= {("portal.letter", Role.SPONSOR)}
# The place is a shop's, which speaks for itself; whose office keeps which place is in tests/portal/test_keeping.py.
NOT_THEIRS |= {(f"portal.{page}", role) for page in ("keep_place", "new_part") for role in (Role.OPERATOR, Role.CITY_MANAGER)}
# The programme is the office's; a shop runs tours of its own.
NOT_THEIRS |= {
    ("portal.own_programme", Role.MERCHANT),
    ("portal.seats_at_desk", Role.MERCHANT),
    ("portal.seats_at_desk", Role.CASHIER),
}
# How far those are who were called is told to the clerk who asked alone.
NOT_THEIRS |= {("portal.till_help_told", Role.MERCHANT)}
# The permit is the shop's; an organisation asks for its own.
NOT_THEIRS |= {(f"portal.{page}", Role.SPONSOR) for page in ("own_permit", "own_permit_document", "permit_sheet")}
# An order of cards is its organisation's, which is the shop here.
NOT_THEIRS |= {(f"portal.card_order{page}", role) for page in ("", "_art", "_sheet") for role in (Role.SPONSOR, Role.UNION)}
# A membership is its organisation's, which is the shop here.
NOT_THEIRS |= {
    ("portal.work_of_member", role) for role in (Role.CITY_MANAGER, Role.MUNICIPALITY, Role.OPERATOR, Role.SPONSOR, Role.UNION)
}
# A file is its owner's, who is the merchant here.
NOT_THEIRS |= {(f"portal.report_file{part}", role) for part in ("", "_content") for role in Role if role is not Role.MERCHANT}


def test_no_role_reaches_the_objects_of_another_organisation(world: World) -> None:
    asked = 0
    for endpoint, method, arguments, permission in routes(world.app):
        if not arguments - NAMES_NOTHING:
            continue
        for role in set(Role) - REACHES_ALL:
            if permission not in ROLE_PERMISSIONS[role]:
                continue
            for name in sorted(arguments - NAMES_NOTHING):
                mixed = world.own.values | {name: world.other.values[name]}
                for values in (world.other.values, mixed) if name != "day" else (world.other.values,):
                    answer = ask(world, role, endpoint, method, values)
                    assert answer.status_code in (403, 404), f"{role} {method} {endpoint} {name} answers {answer.status_code}"
                    assert world.other.shop_name not in answer.text
                    asked += 1
    assert asked > 50


def test_ids_inside_forms_and_queries_reach_no_further(world: World) -> None:
    other = world.other
    decision = {"version": "4", "key": str(uuid4()), "act": "suspend", "why": "x"}
    tries = [
        (Role.MERCHANT, "portal.open_terminal", {"branch": other.branch_id, "key": str(uuid4())}, {}),
        (Role.UNION, "portal.decide", decision, {"application_id": other.values["application_id"]}),
        (Role.MUNICIPALITY, "portal.decide", decision, {"application_id": other.values["application_id"]}),
        *((role, endpoint, {"organisation": other.organisations[role], "member": "1", "invitation": "1"}, {})
          for role in sorted(STAFF)
          for endpoint in ("portal.invite_person", "portal.withdraw_invitation", "portal.remove_member")),
        (Role.UNION, "portal.renew_licence", decision | {"licence_expires_on": "1410/01/01"}, {"application_id": other.values["application_id"]}),
    ]  # fmt: skip
    for role, endpoint, data, values in tries:
        answer = ask(world, role, endpoint, "POST", world.own.values | values, data)
        assert answer.status_code in (403, 404), f"{role} {endpoint} answers {answer.status_code}"
    for role, address in (
        (Role.MERCHANT, f"/sales?merchant={other.merchant_id}"),
        (Role.PILGRIM, f"/me?card={other.card_id}"),
        (Role.PILGRIM, f"/me/statement?card={other.card_id}"),
        (Role.PILGRIM, f"/me/credit?card={other.card_id}"),
        *((role, f"/people?organisation={place}") for role, place in other.organisations.items() if place and role in STAFF),
        (Role.MERCHANT, f"/settlement?merchant={other.merchant_id}"),
        (Role.MERCHANT, f"/settlement/account?merchant={other.merchant_id}"),
        (Role.MERCHANT, f"/webhooks?merchant={other.merchant_id}"),
        *(
            (Role.SPONSOR, f"/benefits{page}?organisation={other.organisations[Role.SPONSOR]}")
            for page in ("", "/plans/new", "/members", "/budget", "/use")
        ),
    ):
        answer = world.own.clients[role].get(address)
        assert answer.status_code in (403, 404), f"{role} {address} answers {answer.status_code}"


def test_no_list_shows_another_organisations_shop(world: World) -> None:
    """The shops and their map are for everybody; every other page shows one's own alone, or those of one's own city."""
    for_all = {"portal.shops", "portal.shops_of_box", "portal.directory"}
    sees_its_own = {("portal.merchants", role) for role in (Role.UNION, Role.MUNICIPALITY, Role.CITY_MANAGER)}
    for endpoint, method, arguments, _ in routes(world.app):
        if method != "GET" or arguments or endpoint in for_all:
            continue
        for role in set(Role) - REACHES_ALL:
            answer = ask(world, role, endpoint, method, {})
            assert world.other.shop_name not in answer.text, f"{role} {endpoint}"
            assert (endpoint, role) not in sees_its_own or world.own.shop_name in answer.text, f"{role} {endpoint}"


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(world: World) -> None:
    """The identity is read anew with each request, so nothing of a role outlives it."""
    client = world.own.clients[Role.UNION]
    assert client.get("/reviews").status_code == 200
    with unit_of_work() as session:
        session.execute(delete(Membership).where(Membership.role == "union"))
    assert client.get("/reviews").status_code == 403
