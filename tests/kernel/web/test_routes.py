from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

import pytest
from flask import Blueprint, Flask, Request, request
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kernel.audit import Actor, AuditEntry, record
from kernel.errors import DomainError, NotFound
from kernel.settings import load_settings
from kernel.web.application import clear_session_cookie, exempt_from_csrf, make_app, set_session_cookie
from kernel.web.refusals import pages, problem
from kernel.web.routes import Door, open_door, route, undeclared_routes
from kernel.web.visit import Visit


@dataclass(frozen=True)
class Caller:
    language: str
    permissions: frozenset[str]
    lacks_second_step: bool = False

    def can(self, permission: str, organisation_id: int | None = None) -> bool:
        return permission in self.permissions


class Refused(DomainError):
    code = "refused_here"
    status = 409


class RefusedAndRecorded(Refused):
    is_recorded = True


def caller_of(session: Session, request: Request) -> Caller | None:
    """Tests name their permissions in a header; the language of such a caller is Urdu."""
    held = request.headers.get("X-Held")
    return Caller("ur", frozenset(held.split(","))) if held is not None else None


def machine_routes() -> Blueprint:
    blueprint = Blueprint("machine", __name__, url_prefix="/api")

    @route(blueprint, "/open", public=True)
    def open_(visit: Visit) -> dict[str, str]:
        return {"language": visit.language}

    @route(blueprint, "/guarded/<int:number>", permission="test:thing:view")
    def guarded(visit: Visit, number: int) -> dict[str, int]:
        return {"number": number}

    @route(blueprint, "/write/<ending>", public=True, methods=["POST"])
    def write(visit: Visit, ending: str) -> str:
        record(visit.session, Actor.system("test"), "write", "thing", ending)
        endings = {
            "refused": Refused(thing=1, day=date(2026, 11, 22), others={PurePath("a")}),
            "recorded": RefusedAndRecorded(),
            "missing": NotFound(thing=2),
        }
        if ending in endings:
            raise endings[ending]
        if ending == "mistake":
            raise ZeroDivisionError("936400123456789012")
        if ending == "lost":
            raise OperationalError("SELECT", {}, Exception())
        if ending == "no value":
            visit.session.execute(text("SELECT 1 WHERE :number = 1::bigint"), {"number": "9" * 30})
        return "written"

    return blueprint


def page_routes() -> Blueprint:
    blueprint = Blueprint("page", __name__)

    @route(blueprint, "/sign-in", public=True)
    def sign_in(visit: Visit) -> str:
        return "sign in"

    @route(blueprint, "/mine", permission="test:thing:view")
    def mine(visit: Visit) -> str:
        return "mine"

    @route(blueprint, "/own", signed_in=True)
    def own(visit: Visit) -> str:
        return "own"

    @route(blueprint, "/form", public=True, methods=["POST"])
    def form(visit: Visit) -> str:
        return "taken"

    return blueprint


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Flask:
    (tmp_path / "error.html").write_text("<h1>{{ status }} {{ code }}</h1>")
    made = make_app(load_settings(), tmp_path)
    made.template_folder = str(tmp_path)
    made.register_blueprint(page_routes())
    open_door(made, "page", Door(caller_of, pages("page.sign_in")))
    machine = machine_routes()
    made.register_blueprint(machine)
    exempt_from_csrf(made, machine)
    open_door(made, "machine", Door(caller_of, problem, prefix="/api/"))
    return made


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as opened:
        yield opened


def written(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


@pytest.mark.parametrize("arguments", [{}, {"permission": "test:thing:view", "public": True}, {"signed_in": True, "public": True}])
def test_a_route_states_a_permission_or_that_it_is_public(arguments: dict) -> None:
    with pytest.raises(TypeError, match="must state"):
        route(Blueprint("b", __name__), "/x", **arguments)(lambda visit: "")


def test_a_view_added_behind_the_wrapper_is_found(app: Flask) -> None:
    assert undeclared_routes(app) == []
    app.add_url_rule("/smuggled", view_func=lambda: "")
    assert undeclared_routes(app) == ["/smuggled"]


def test_a_permission_is_asked_for_before_the_view_runs(client: FlaskClient) -> None:
    assert client.get("/api/guarded/5").status_code == 401
    refused = client.get("/api/guarded/5", headers={"X-Held": "another:thing:view"})
    assert (refused.status_code, refused.mimetype, refused.json["code"]) == (
        403,
        "application/problem+json",
        "not_permitted",
    )
    assert client.get("/api/guarded/5", headers={"X-Held": "test:thing:view"}).json == {"number": 5}


def test_what_is_for_everybody_who_is_signed_in_asks_for_no_permission(client: FlaskClient) -> None:
    assert client.get("/own").location == "/sign-in?next=/own"
    assert client.get("/own", headers={"X-Held": ""}).text == "own"


def test_a_page_sends_who_is_not_signed_in_to_the_sign_in_page_and_back(client: FlaskClient) -> None:
    answer = client.get("/mine?day=1")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/mine?day%3D1")
    refused = client.get("/mine", headers={"X-Held": ""})
    assert (refused.status_code, refused.text) == (403, "<h1>403 not_permitted</h1>")


@pytest.mark.parametrize(
    ("ending", "status", "rows"),
    [
        ("well", 200, 1),
        ("refused", 409, 0),
        ("recorded", 409, 1),
        ("missing", 404, 0),
        ("mistake", 500, 0),
        ("lost", 503, 0),
        ("no value", 400, 0),
    ],
)
def test_one_request_is_one_transaction(client: FlaskClient, session: Session, ending: str, status: int, rows: int) -> None:
    answer = client.post(f"/api/write/{ending}")
    assert answer.status_code == status
    assert written(session) == rows
    assert "936400123456789012" not in answer.text


def test_a_problem_names_code_status_and_facts(client: FlaskClient) -> None:
    answer = client.post("/api/write/refused")
    assert answer.json == {
        "type": "urn:pilgrim-card:problem:refused_here", "title": "Refused here.", "status": 409, "code": "refused_here",
        "facts": {"thing": 1, "day": "2026-11-22", "others": ["a"]},
    }  # fmt: skip


def test_unknown_addresses_and_wrong_methods_answer_in_the_form_of_their_door(client: FlaskClient) -> None:
    assert client.get("/api/nothing").json["code"] == "not_found"
    assert client.get("/nothing").text == "<h1>404 not_found</h1>"
    assert client.delete("/api/open").json["code"] == "method_not_allowed"
    assert client.post("/api/write/well", data=b"x" * 1_000_001, content_type="application/json").status_code in (200, 413)


def test_a_form_without_its_token_is_refused_and_a_bearer_door_needs_none(client: FlaskClient) -> None:
    answer = client.post("/form")
    assert (answer.status_code, answer.text) == (400, "<h1>400 form_expired</h1>")
    assert client.post("/api/write/well").status_code == 200


def test_a_form_with_its_token_is_taken(app: Flask, client: FlaskClient) -> None:
    app.jinja_env.globals["unused"] = None
    with app.test_request_context():
        from flask import session as cookie
        from flask_wtf.csrf import generate_csrf

        token, state = generate_csrf(), dict(cookie)
    with client.session_transaction() as cookies:
        cookies.update(state)
    assert client.post("/form", data={"csrf_token": token}).text == "taken"


def test_the_language_is_what_was_asked_then_kept_then_the_accounts_then_the_browsers(
    client: FlaskClient,
) -> None:
    def spoken(address: str = "/api/open", **headers: str) -> str:
        return client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()}).json["language"]

    assert spoken() == "fa"
    assert spoken(Accept_Language="tr, ar;q=0.8, en;q=0.5") == "ar"
    assert spoken(Accept_Language="en", X_Held="") == "ur"
    assert spoken("/api/open?lang=en", X_Held="") == "en"
    assert client.get_cookie("language").value == "en"
    assert spoken(X_Held="") == "en"
    assert spoken("/api/open?lang=<script>") == "en"


def test_every_answer_carries_the_safety_headers(client: FlaskClient) -> None:
    for address in ("/api/open", "/nothing"):
        headers = client.get(address).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")


def test_health_fails_while_the_teller_does_not_answer(client: FlaskClient, app: Flask) -> None:
    import socket

    assert client.get("/healthz").json["facts"] == {"part": "teller"}
    with socket.socket(socket.AF_UNIX) as teller:
        teller.bind(str(load_settings().teller_socket))
        teller.listen()
        answer = client.get("/healthz")
    load_settings().teller_socket.unlink()
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_the_session_cookie_is_for_this_site_and_not_for_scripts(app: Flask) -> None:
    cookie = set_session_cookie(app.make_response(""), "token", is_secure=True).headers["Set-Cookie"]
    assert all(part in cookie for part in ("pilgrim_session=token", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"))
    assert "Max-Age=0" in clear_session_cookie(app.make_response("")).headers["Set-Cookie"]


@pytest.mark.parametrize(("environment", "told"), [("laboratory", "127.0.0.1"), ("production", "192.0.2.7")])
def test_the_address_that_nginx_states_is_believed_in_production_only(environment: str, told: str, tmp_path: Path) -> None:
    app = make_app(load_settings().model_copy(update={"environment": environment}), tmp_path)
    app.add_url_rule("/who", "who", lambda: str(request.remote_addr))
    assert app.test_client().get("/who", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}).text == told
