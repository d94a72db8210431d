import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from identity.permissions import Permission
from kernel.web.application import MOST_UPLOAD_BYTES
from kernel.web.routes import undeclared_routes
from mobile_api.contract import OPERATIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(application: Flask) -> Flask:
    return application


def test_every_route_states_a_permission_that_exists_or_that_it_is_public(app: Flask) -> None:
    assert undeclared_routes(app) == []
    asked_for = {getattr(view, "permission", None) for view in app.view_functions.values()} - {None}
    assert asked_for <= set(Permission)
    assert "cardbank:balance:view" in asked_for


def test_who_is_not_signed_in_reaches_no_guarded_route(app: Flask) -> None:
    client = app.test_client()
    guarded = [
        rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "permission", None) and "GET" in (rule.methods or ())
    ]
    assert len(guarded) > 5
    for rule in guarded:
        with app.test_request_context():
            values = {name: "2026-11-22" if name.endswith(("day", "date")) else "1" for name in rule.arguments}
            address = app.url_for(rule.endpoint, **values)
        answer = client.get(address)
        assert answer.status_code in (302, 401, 404), f"{rule} answers {answer.status_code}"
        assert answer.status_code != 302 or "/sign-in" in answer.location


def test_a_page_that_reads_a_file_says_so_and_no_other_takes_large_requests(app: Flask) -> None:
    reads = set()
    for path in (ROOT / "portal" / "routes").rglob("*.py"):
        text_of = {one.name: ast.unparse(one) for one in ast.parse(path.read_text()).body if isinstance(one, ast.FunctionDef)}
        readers = {name for name, text in text_of.items() if "uploaded(" in text or "request.files" in text}
        reads |= readers | {name for name, text in text_of.items() if any(f" {one}(" in text for one in readers)}
    says = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "takes_files", False)}
    assert {f"portal.{name}" for name in reads} & app.view_functions.keys() == says
    assert "portal.add_branch_photo" in says


def test_nginx_lets_through_what_the_pages_and_the_api_take() -> None:
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", (ROOT / "deploy" / "nginx" / "pilgrim.conf").read_text())
    assert int(megabytes) << 20 >= max(MOST_UPLOAD_BYTES, *(one.largest_bytes or 0 for one in OPERATIONS))


def test_nginx_logs_no_address_that_is_a_key_and_nothing_behind_the_question_mark(app: Flask) -> None:
    settings = (ROOT / "deploy" / "nginx" / "pilgrim.conf").read_text()
    [unlogged] = re.findall(r"~(\^/\S+)\s+0;", settings)
    keys = {rule.rule for rule in app.url_map.iter_rules() if rule.arguments & {"link", "secret"}}
    assert keys
    assert [rule for rule in keys if not re.match(unlogged, rule)] == []
    [told] = re.findall(r"log_format pilgrim '(.*)';", settings)
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer|is_args)\b", told)


def test_the_composition_root_stays_small() -> None:
    import wsgi

    assert len(Path(wsgi.__file__).read_text().splitlines()) < 80
