"""One declaration makes an endpoint: its route, the check of what is asked, the answer, and its page in the OpenAPI document.

    @operation("POST", "/cards/{card_id}/block", permission=..., errors=(CardNotFound,), asks=Block(...), gives=Card(...))
    def block(visit: Visit, card_id: Id, body: Block) -> Card:

Arguments of the address, `body` and `query` are read as the types of the view's own signature say; what does not fit names its field.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_OID, uuid5

import msgspec
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from msgspec import Struct

from identity.permissions import Permission
from kernel.errors import BadInput, DomainError, NotFound
from kernel.repeats import Answer, keep_answer, take_key
from kernel.web.limits import Limit, check_limit
from kernel.web.routes import route
from kernel.web.visit import Visit
from mobile_api import answers
from mobile_api.releases import HEADER, check_release

blueprint = Blueprint("mobile_api", __name__, url_prefix="/api/v1", template_folder="templates")

View = TypeVar("View", bound=Callable[..., Any])

OPERATIONS: list["Operation"] = []
KEY = re.compile(r"[A-Za-z0-9._-]{8,64}")
KEPT = timedelta(days=30)  # an outbox may wait that long for a network
KEPT_OF_NOBODY = timedelta(minutes=10)  # answers to sign-ins hold tokens


class KeyMissing(BadInput):
    """A write of somebody who is signed in carries an Idempotency-Key."""

    code = "key_missing"
    status = 400


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    tag: str
    words: str
    permission: Permission | None
    arguments: dict[str, Any]
    query: type[Struct] | None
    body: type[Struct] | None
    answer: Any
    status: int
    or_status: int | None
    errors: tuple[type[DomainError], ...]
    asks: Struct | None
    gives: Any
    keeps_key: bool
    limit: Limit | None
    largest_bytes: int | None
    shared_seconds: int
    retires: answers.Retirement | None

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


def operation(  # noqa: PLR0913 - all but the first two are given by name
    method: str,
    path: str,
    *,
    tag: str,
    permission: Permission | None,
    errors: tuple[type[DomainError], ...] = (),
    status: int = 200,
    or_status: int | None = None,
    asks: Struct | None = None,
    gives: Any = None,
    keeps_key: bool = True,
    limit: Limit | None = None,
    largest_bytes: int | None = None,
    shared_seconds: int = 0,
    retires: answers.Retirement | None = None,
) -> Callable[[View], View]:
    """Put `view` on the API; `permission` None lets everybody in.

    `asks` and `gives` are examples. A view that answers (status, answer) says by `or_status` which one it may be besides
    `status`. `keeps_key` False is for writes that carry their own proof against repeats. `limit` is
    counted for the address on top of the common one; `largest_bytes` lets a request be longer than others. `shared_seconds` lets caches keep an answer that is the same for all.
    """

    def put(view: View) -> View:
        hints = get_type_hints(view, include_extras=True)
        arguments = re.findall(r"{(\w+)}", path)
        if set(arguments) != set(inspect.signature(view).parameters) - {"visit", "query", "body"}:
            raise TypeError(f"{view.__name__}: {path} and the view's arguments are not the same")
        made = Operation(
            name=view.__name__, method=method, path=path, tag=tag, words=inspect.getdoc(view) or "", permission=permission,
            arguments={name: hints[name] for name in arguments}, query=hints.get("query"),
            body=hints.get("body"), answer=_answer_of(hints["return"]), status=status, or_status=or_status, errors=errors, asks=asks, gives=gives,
            keeps_key=keeps_key and method != "GET", limit=limit, largest_bytes=largest_bytes, shared_seconds=shared_seconds, retires=retires,
        )  # fmt: skip
        OPERATIONS.append(made)

        def answered(visit: Visit, /, **texts: str) -> ResponseReturnValue:
            return _answer(made, view, visit, texts)

        answered.__name__, answered.__doc__ = view.__name__, view.__doc__
        rule = re.sub(r"{(\w+)}", r"<\1>", path)
        route(blueprint, rule, permission=permission, public=permission is None, methods=(method,))(answered)
        return view

    return put


def _answer_of(hint: Any) -> Any:
    """The answer alone, where a view says its status with it."""
    return get_args(hint)[1] if get_origin(hint) is tuple else hint


def _answer(made: Operation, view: Callable[..., Any], visit: Visit, texts: dict[str, str]) -> Response:
    check_release(request.headers.get(HEADER))
    _count(made, visit)
    if made.largest_bytes is not None:
        request.max_content_length = made.largest_bytes
    given = _read(made, texts)
    if made.answer is answers.File:
        return answers.file_response(view(visit, **given))
    key = _key(made)
    if key is None:
        said, is_repeat = _say(made, view(visit, **given)), False
    else:
        said, is_repeat = _once(made, visit, key, lambda: view(visit, **given))
    return answers.response(
        said, is_personal=made.permission is not None, is_write=made.is_write, is_repeat=is_repeat,
        shared_seconds=made.shared_seconds, retires=made.retires,
    )  # fmt: skip


def _once(made: Operation, visit: Visit, key: str, act: Callable[[], Any]) -> tuple[Answer, bool]:
    """The kept answer of this key, or that of the act, which is kept."""
    client = f"sign_in {answers.sign_in_of(visit)}"
    content = b"\0".join((made.method.encode(), request.path.encode(), request.get_data()))
    kept = take_key(visit.session, client, key, content, KEPT if made.permission else KEPT_OF_NOBODY)
    if kept is not None:
        return kept, True
    said = _say(made, act())
    keep_answer(visit.session, client, key, said)
    return said, False


def _say(made: Operation, result: Any) -> Answer:
    if result is None:
        return Answer(204, "")
    status, result = result if isinstance(result, tuple) else (made.status, result)
    return Answer(status, msgspec.json.encode(result).decode())


def _key(made: Operation) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if not made.keeps_key or (key is None and made.permission is None):
        return None
    if key is None:
        raise KeyMissing(field="Idempotency-Key")
    if not KEY.fullmatch(key):
        raise BadInput(field="Idempotency-Key")
    return key


def key_of_request(visit: Visit) -> str:
    """The Idempotency-Key as a UUID (RFC 9562, version 5) that belongs to this sign-in alone, for use cases that keep one."""
    return str(uuid5(NAMESPACE_OID, f"{answers.sign_in_of(visit)} {request.headers['Idempotency-Key']}"))


def _count(made: Operation, visit: Visit) -> None:
    limit, who = answers.common_limit(visit)
    check_limit(limit, who)
    if made.limit is not None:
        check_limit(made.limit, request.remote_addr or "")


def _read(made: Operation, texts: dict[str, str]) -> dict[str, Any]:
    """Raises NotFound for an address that names nothing, BadInput for the rest."""
    given: dict[str, Any] = {}
    if b"\\u0000" in request.get_data() or "\0" in "".join((*texts.values(), *request.args.values())):
        raise BadInput(field="body")  # PostgreSQL keeps no text with a NUL in it
    for name, kind in made.arguments.items():
        try:
            given[name] = msgspec.convert(texts[name], kind, strict=False)
        except msgspec.ValidationError:
            raise NotFound from None
    if made.query is not None:
        given["query"] = _fitting(lambda: msgspec.convert(request.args.to_dict(), made.query, strict=False), "query")
    if made.body is not None:
        given["body"] = _fitting(lambda: msgspec.json.decode(request.get_data(), type=made.body), "body")
    return given


def _fitting(read: Callable[[], Any], whole: str) -> Any:
    """Raises BadInput with the field that does not fit, or the whole of it."""
    try:
        return read()
    except msgspec.ValidationError as fault:
        named = re.search(r"(?:field |\$\.)`?(\w+)", str(fault))
        raise BadInput(field=named[1] if named else whole) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput(field=whole) from None
