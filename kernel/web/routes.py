"""The request wrapper: unit of work → who is it → may they → view → one commit; and the table from refusal to answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias

from flask import Blueprint, Flask, Request, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kernel.db import unit_of_work
from kernel.errors import DomainError, NotPermitted
from kernel.web.visit import Identified, SecondStepMissing, SignInRequired, Visit, language_of

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[Visit[Any], P], ResponseReturnValue]

_DOORS = "pilgrim.doors"


@dataclass(frozen=True, slots=True)
class Door:
    """How one blueprint knows its visitors and says no.

    `authenticate` returns None for a visitor without proof and raises a DomainError for a proof that is not good.
    `refuse` renders a DomainError: a page or a problem document. `prefix` finds the door of an address no route matches.
    """

    authenticate: Callable[[Session, Request], Identified | None]
    refuse: Callable[[DomainError], ResponseReturnValue]
    prefix: str = "/"


def open_door(app: Flask, blueprint_name: str, door: Door) -> None:
    """Give a registered blueprint its door; the routes of a blueprint without one do not answer."""
    app.extensions.setdefault(_DOORS, {})[blueprint_name] = door


def door_of_request() -> Door:
    """The door of the matched blueprint, else of the longest prefix of the address."""
    doors: dict[str, Door] = current_app.extensions[_DOORS]
    if request.blueprint in doors:
        return doors[request.blueprint]
    fitting = [door for door in doors.values() if request.path.startswith(door.prefix)]
    return max(fitting, key=lambda door: len(door.prefix))


def route(
    blueprint: Blueprint,
    rule: str,
    *,
    permission: str | None = None,
    public: bool = False,
    signed_in: bool = False,
    methods: Sequence[str] = ("GET",),
    takes_files: bool = False,
) -> Callable[[View[P]], View[P]]:
    """Register `view(visit, **arguments)` under `rule`: for holders of `permission`, for whoever is `signed_in`, or for everybody, if `public`.

    The permission is checked here without an organisation; a view about one organisation's things checks
    `visit.identity.can(permission, organisation_id)` again. With `takes_files` a request may be as large as an upload.
    Raises TypeError, at import, where not exactly one of the three is given.
    """

    def register(view: View[P]) -> View[P]:
        if [permission is not None, signed_in, public].count(True) != 1:
            raise TypeError(
                f"route {rule} must state a permission, that it is for who is signed in, or that it is public: one of them"
            )

        @wraps(view)
        def handle(**arguments: Any) -> Response:
            return _answer(view, permission, public, arguments)

        handle.permission = permission  # type: ignore[attr-defined]
        handle.is_public = public  # type: ignore[attr-defined]
        handle.is_for_signed_in = signed_in  # type: ignore[attr-defined]
        handle.takes_files = takes_files  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view_func=handle, methods=list(methods))
        return view

    return register


def _answer(view: View[...], permission: str | None, public: bool, arguments: dict[str, Any]) -> Response:
    door = door_of_request()
    try:
        with unit_of_work() as session:
            try:
                visit = _begin(door, session, permission, public)
                return make_response(view(visit, **arguments))
            except DomainError as refusal:
                # Leaving the block well keeps what the use case wrote about its own refusal, such as a failed sign-in.
                if not refusal.is_recorded:
                    raise
                recorded = refusal
        return make_response(door.refuse(recorded))
    except DomainError as refusal:
        return make_response(door.refuse(refusal))


def _begin(door: Door, session: Session, permission: str | None, public: bool) -> Visit:
    identity = door.authenticate(session, request)
    g.language = language_of(request, identity)
    g.visit = visit = Visit(session, identity, g.language)
    if public:
        return visit
    if identity is None:
        raise SignInRequired
    if permission is not None and not identity.can(permission):
        if identity.lacks_second_step:
            raise SecondStepMissing
        raise NotPermitted(permission=permission)
    return visit


def undeclared_routes(app: Flask) -> list[str]:
    """Rules whose view does not state whom it is for; Flask's own `static` routes are public."""
    return [
        str(rule)
        for rule in app.url_map.iter_rules()
        if not (
            rule.endpoint.split(".")[-1] == "static"
            or any(
                getattr(app.view_functions[rule.endpoint], said, None) for said in ("permission", "is_for_signed_in", "is_public")
            )
        )
    ]
