"""The document says what is there, its examples are right, and nothing that it allows or forbids breaks the API."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from identity.permissions import Permission, Role
from mobile_api import door  # noqa: F401 - it declares the operations
from mobile_api.answers import File
from mobile_api.contract import OPERATIONS, Operation
from mobile_api.document import document, errors_of
from tests.mobile_api.conftest import Caller

EXAMPLES = 12
every_operation = pytest.mark.parametrize("made", OPERATIONS, ids=lambda made: made.name)


@pytest.fixture(scope="module")
def published(api: Flask) -> OpenApiSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api)


def test_the_document_is_published_and_names_every_route(api: Flask) -> None:
    client = api.test_client()
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json) == (200, msgspec.json.decode(msgspec.json.encode(document())))
    told = {(method.upper(), path) for path, methods in answer.json["paths"].items() for method in methods}
    routes = {
        (method, str(rule).removeprefix("/api/v1").replace("<", "{").replace(">", "}"))
        for rule in api.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("mobile_api.")
    }
    assert routes - told == {("GET", "/openapi.json"), ("GET", "/docs")}
    assert told <= routes
    page = client.get("/api/v1/docs")
    assert all(f'id="{made.name}"' in page.text for made in OPERATIONS)


@every_operation
def test_an_operation_has_words_and_examples_that_fit_it(made: Operation) -> None:
    assert made.words.endswith(".")
    assert (made.body is None) == (made.asks is None)
    assert (made.answer in (type(None), File)) == (made.gives is None)
    for example, kind in ((made.asks, made.body), (made.gives, made.answer)):
        if example is not None:
            assert msgspec.json.decode(msgspec.json.encode(example), type=kind) == example
            assert "example" in _content(made, asked=example is made.asks)


def _content(made: Operation, *, asked: bool) -> dict[str, Any]:
    told = document()["paths"][made.path][made.method.lower()]
    holder = told["requestBody"] if asked else told["responses"][str(made.status)]
    return holder["content"]["application/json"]


def test_refusals_of_the_frame_are_told_where_they_may_come() -> None:
    by_name = {made.name: {error.code for error in errors_of(made)} for made in OPERATIONS}
    assert {"sign_in_required", "token_refused", "not_permitted", "not_found", "too_many_requests"} <= by_name["receipt"]
    assert "key_missing" not in by_name["refresh_session"]
    assert "key_reused" in by_name["refresh_session"]


@every_operation
def test_whatever_the_document_allows_or_forbids_is_answered_as_it_says(
    made: Operation, published: OpenApiSchema, caller: Callable[..., Caller], clean_redis: object
) -> None:
    headers = headers_for(made, caller)

    # What fits the document may still be refused for what it says: an amount above a limit, a period that ends before it begins.
    @given(case=published[made.path][made.method].as_strategy())
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: schemathesis.Case) -> None:
        answer = case.call(headers=headers | {"Accept-Encoding": "identity"})  # what is packed is read by no check
        assert answer.status_code < 500
        case.validate_response(answer, headers=headers, excluded_checks=[positive_data_acceptance])

    ask()


def headers_for(made: Operation, caller: Callable[..., Caller]) -> dict[str, str]:
    if made.permission is None or made.permission is Permission.MERCHANTS_TAG_READ:
        return {}
    return caller(Role.PILGRIM).headers
