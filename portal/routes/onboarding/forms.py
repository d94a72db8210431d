"""What the forms of shops' files share: their one-time key, typed fields, uploads, papers and codes on their way out."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import segno
from flask import Response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.ports import PaperStore
from merchants.onboarding.queries import paper_of
from merchants.onboarding.rules import SUFFIXES
from portal import words
from portal.lists import download


def form_key() -> str:
    """The key of the form that was sent. Raises BadInput."""
    try:
        return str(UUID(request.form.get("key", "")))
    except ValueError:
        raise BadInput(field="key") from None


def new_key() -> str:
    return str(uuid4())


def form_number(name: str) -> int:
    """A whole number of a hidden field. Raises BadInput."""
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise BadInput(field=name)
    return int(text)


def typed() -> dict[str, str]:
    return {name: text for name, text in request.form.items() if isinstance(text, str)}


def uploaded(name: str) -> bytes:
    """The content of an uploaded file, empty where none was chosen."""
    file = request.files.get(name)
    return file.read() if file is not None else b""


def sentences(faults: dict[str, DomainError]) -> dict[str, str]:
    """What is wrong by field, as people read it."""
    return {name: words.error_sentence(fault.code, fault.facts) for name, fault in faults.items()}


def paper_store() -> PaperStore:
    return FolderStore(load_settings().documents_folder)


def paper_answer(visit: Visit, application: Any, paper_id: int) -> ResponseReturnValue:
    paper = paper_of(visit.session, application, paper_id)
    return stored_paper(paper.name, paper.media_type, f"{paper.piece}-{paper.id}")


def stored_paper(stored: str, media_type: str, name: str) -> Response:
    """What people brought, as a download that no browser opens by itself."""
    answer = download(paper_store().get(stored), media_type, f"{name}.{SUFFIXES[media_type]}")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def qr(text: str) -> Markup:
    """The text as a QR code (ISO/IEC 18004), drawn as SVG on white in either theme, at whatever size a page gives it."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", scale=6, border=4, light="#fff", xmldecl=False, svgns=True, nl=False, unit="px"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - numbers and path data that segno made
