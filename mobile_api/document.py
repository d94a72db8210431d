"""The OpenAPI 3.1 document, made of the operations that answer; and a page that shows it."""

from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct

from identity.errors import TokenRefused
from identity.permissions import Permission
from kernel.errors import BadInput, DomainError, NotFound, NotPermitted
from kernel.repeats import KeyReused
from kernel.web.limits import TooManyRequests
from kernel.web.refusals import Malfunction, ServiceUnavailable, TooLarge, title_of
from kernel.web.visit import SignInRequired
from mobile_api.answers import FILE_TYPES, File
from mobile_api.contract import OPERATIONS, KeyMissing, Operation
from mobile_api.releases import AppTooOld

TITLE = "Pilgrim Card"
VERSION = "1.0.0"
WORDS = (
    "The pilgrim's own API. Amounts are whole Rial, instants are UTC, business days are Tehran's. Every write of somebody who is "
    "signed in carries an `Idempotency-Key`: the same key with the same content is done once and answered again. Lists come in "
    "pages: `next` goes into `cursor`. Every GET has an `ETag`. Errors are problem documents (RFC 9457): `code` is stable, "
    "`detail` is a sentence for people in the language of `Accept-Language`."
)
_REF = "#/components/schemas/{name}"
_EVERYWHERE: tuple[type[DomainError], ...] = (AppTooOld, TooManyRequests, Malfunction, ServiceUnavailable)


class Problem(Struct):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    facts: dict[str, Any]
    detail: str = ""


def document() -> dict[str, Any]:
    """By tag and path, in whatever order the operations were declared."""
    operations = sorted(OPERATIONS, key=lambda one: (one.tag, one.path, one.method))
    kinds: list[Any] = [Problem]
    for one in operations:
        kinds += [kind for kind in (one.query, one.body) if kind is not None]
        kinds += [] if one.answer in (type(None), File) else [one.answer]
    shown, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    named = dict(zip(map(repr, kinds), shown, strict=True))
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in operations:
        paths[one.path][one.method.lower()] = _operation(one, named, schemas)
    for name in {_name_of(one.query, named) for one in operations if one.query is not None}:
        del schemas[name]  # what a query holds stands with each operation as its parameters
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": WORDS,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in operations)],
        "paths": dict(paths),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "reader": {"type": "http", "scheme": "Reader", "description": "The key of a tag reader."},
            },
        },
    }


def _operation(one: Operation, named: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    summary, _, more = one.words.partition("\n\n")
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": " ".join(summary.split()),
        "security": _security(one),
        "parameters": [*_of_address(one), *_of_query(one, named, schemas), *_of_headers(one)],
        "responses": _answers(one, named),
    }
    if more:
        told["description"] = " ".join(more.split())
    if one.retires is not None:
        told["deprecated"] = True
    if one.body is not None:
        content: dict[str, Any] = {"schema": named[repr(one.body)]}
        if one.asks is not None:
            content["example"] = msgspec.to_builtins(one.asks)
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
    return told


def _security(one: Operation) -> list[dict[str, list[str]]]:
    if one.permission is None:
        return []
    return [{"reader" if one.permission is Permission.MERCHANTS_TAG_READ else "bearer": []}]


def _of_address(one: Operation) -> Iterable[dict[str, Any]]:
    for name, kind in one.arguments.items():
        yield {"name": name, "in": "path", "required": True, "schema": msgspec.json.schema(kind)}


def _of_query(one: Operation, named: dict[str, Any], schemas: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if one.query is None:
        return
    shape = schemas[_name_of(one.query, named)]
    for name, schema in shape["properties"].items():
        said = {"name": name, "in": "query", "required": name in shape["required"], "schema": _without_null(schema)}
        words = said["schema"].pop("description", None)
        yield said | ({"description": words} if words else {})


def _name_of(kind: type[Struct], named: dict[str, Any]) -> str:
    return str(named[repr(kind)]["$ref"]).rpartition("/")[2]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What is left out of a query is left out; it is never null."""
    rest = {name: value for name, value in schema.items() if name != "anyOf" and value is not None}
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return rest | kinds[0] if kinds else rest


def _of_headers(one: Operation) -> Iterable[dict[str, Any]]:
    if one.keeps_key:
        shape = {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"}
        words = "Made by the client before its first try; kept with every repeat."
        yield {
            "name": "Idempotency-Key", "in": "header", "required": one.permission is not None, "schema": shape, "description": words,
            "example": "01936f2e-7c1a-7b3e-9d52-3c4f5a6b7c8d",
        }  # fmt: skip


def errors_of(one: Operation) -> list[type[DomainError]]:
    """Every refusal that the operation may answer with, those of the frame among them."""
    told = [*one.errors, *_EVERYWHERE]
    told += [SignInRequired, TokenRefused, NotPermitted] if one.permission is not None else [TokenRefused]
    told += [NotFound] if one.arguments else []
    told += [BadInput] if one.body is not None or one.query is not None or one.keeps_key else []
    told += [TooLarge] if one.is_write else []
    told += [KeyReused] if one.keeps_key else []
    told += [KeyMissing] if one.keeps_key and one.permission is not None else []
    return list(dict.fromkeys(told))


def _answers(one: Operation, named: dict[str, Any]) -> dict[str, Any]:
    if one.answer is type(None):
        told: dict[str, Any] = {"204": {"description": "Done."}}
    elif one.answer is File:
        told = {"200": {"description": "The file.", "content": {kind: {} for kind in FILE_TYPES}}}
    else:
        content: dict[str, Any] = {"schema": named[repr(one.answer)]}
        if one.gives is not None:
            content["example"] = msgspec.to_builtins(one.gives)
        said = {"content": {"application/json": content}}
        told = {str(status): {"description": HTTPStatus(status).phrase, **said} for status in (one.status, one.or_status) if status}
    if not one.is_write:
        told["304"] = {"description": "What the client has, by its ETag, is still right."}
    by_status: dict[int, list[str]] = defaultdict(list)
    for error in errors_of(one):
        by_status[error.status].append(f"`{error.code}`: {title_of(error.code)}")
    for status, codes in sorted(by_status.items()):
        problem = {"application/problem+json": {"schema": named[repr(Problem)]}}
        told[str(status)] = {"description": "\n".join(dict.fromkeys(codes)), "content": problem}
    return told
