"""How an answer travels: validators, compression, what caches may do with it, and the news that an operation will go."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Response, request
from werkzeug.http import http_date

from identity.permissions import Identity
from kernel.repeats import Answer
from kernel.settings import load_settings
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from merchants.tags.queries import ReaderIdentity

WORTH_COMPRESSING = 1_000
# An answer that says only at which moment it was right is the same answer a moment later.
_MOMENT = re.compile(r'^{"at":"[^"]*",?')


@dataclass(frozen=True, slots=True)
class Retirement:
    """An operation that will go, and what takes its place."""

    since: date
    ends: date
    successor: str


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON: what was uploaded, for who may see it. Only reads answer so."""

    content: bytes
    media_type: str


FILE_TYPES = ("image/jpeg", "image/png", "application/pdf")


def sign_in_of(visit: Visit) -> int:
    """Whose request it is; 0 for nobody's."""
    return visit.identity.sign_in_id if isinstance(visit.identity, Identity) else 0


def common_limit(visit: Visit) -> tuple[Limit, str]:
    """What everybody may ask in a minute: a person or a reader by itself, others by their address."""
    a_minute = load_settings().api_requests_per_minute
    if isinstance(visit.identity, ReaderIdentity):
        return Limit("reader", a_minute), str(visit.identity.reader_id)
    if visit.identity is not None:
        return Limit("person", a_minute), str(sign_in_of(visit))
    return Limit("address", a_minute), request.remote_addr or ""


def response(
    said: Answer, *, is_personal: bool, is_write: bool, is_repeat: bool, shared_seconds: int, retires: Retirement | None
) -> Response:
    body = said.body.encode()
    answer = Response(body, status=said.status, mimetype="application/json")
    answer.vary.update(("Accept-Encoding", "Accept-Language", "Authorization"))
    if is_repeat:
        answer.headers["Idempotent-Replayed"] = "true"
    if retires is not None:
        answer.headers["Deprecation"] = f"@{int(_midnight(retires.since).timestamp())}"
        answer.headers["Sunset"] = http_date(_midnight(retires.ends))
        answer.headers["Link"] = f'<{request.script_root}{retires.successor}>; rel="successor-version"'
    if is_write:
        return answer
    if shared_seconds and not is_personal:
        answer.headers["Cache-Control"] = f"public, max-age={shared_seconds}"
    else:
        answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(_MOMENT.sub("{", said.body).encode()).hexdigest()[:20], weak=True)
    answer.make_conditional(request)
    return _compressed(answer)


def file_response(file: File) -> Response:
    """No browser runs what is in it, and no cache but the asker's keeps it."""
    answer = Response(file.content, mimetype=file.media_type)
    answer.vary.add("Authorization")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.set_etag(hashlib.sha256(file.content).hexdigest()[:20])
    answer.make_conditional(request)
    return answer


def _compressed(answer: Response) -> Response:
    body = answer.get_data()
    if answer.status_code == 200 and len(body) >= WORTH_COMPRESSING and request.accept_encodings["gzip"]:
        answer.set_data(gzip.compress(body, 6, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
