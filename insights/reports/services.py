"""Saved views, and long files: ordered once however often one clicks, made a piece a turn, kept a week."""

import hashlib
import logging
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from insights.reports import queries, sheets
from insights.reports.errors import FileNotFound, TooManyFiles, TooManyRows, ViewNameMissing, ViewNotFound
from insights.reports.models import ReportFile, ReportPiece, SavedView
from insights.reports.rules import Asked, Scope
from kernel import audit, clock
from kernel.audit import Actor
from kernel.sheets import sheet_of

log = logging.getLogger(__name__)

LONGEST_NAME = 60
SHORT_ROWS = 2_000  # what a page answers at once; more is made in the background
MOST_ROWS = 200_000
MOST_AT_ONCE = 5  # files in the making a person
ROWS_A_PIECE = 5_000
MOST_TRIES = 5
KEPT = timedelta(days=7)


def save_view(session: Session, person_id: int, name: str, report: str, fields: dict[str, str]) -> SavedView:
    """Keep what a person asked for; the same name again replaces what it stood for. Raises ViewNameMissing."""
    told = " ".join(name.split())
    if not 0 < len(told) <= LONGEST_NAME:
        raise ViewNameMissing(field="name", most=LONGEST_NAME)
    facts = {"person_id": person_id, "name": told, "report": report, "asked": fields}
    kept = insert(SavedView).values(facts)
    again = kept.on_conflict_do_update(index_elements=["person_id", "name"], set_={"report": report, "asked": fields})
    return session.scalars(again.returning(SavedView), execution_options={"populate_existing": True}).one()


def forget_view(session: Session, person_id: int, view_id: int) -> None:
    """Raises ViewNotFound, also for another person's."""
    own = delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == person_id)
    if session.scalar(own.returning(SavedView.id)) is None:
        raise ViewNotFound


def views_of(session: Session, person_id: int) -> list[SavedView]:
    return list(session.scalars(select(SavedView).where(SavedView.person_id == person_id).order_by(SavedView.name)))


def order_file(
    session: Session, actor: Actor, person_id: int, scope: Scope, asked: Asked, form: str, language: str, words: dict[str, str]
) -> ReportFile:  # fmt: skip
    """Have the single lines of a report made into a file. The same question again, while it is being made, is the same file.

    Raises TooManyRows, TooManyFiles.
    """
    rows = queries.count_receipts(session, asked, scope)
    if rows > MOST_ROWS:
        raise TooManyRows(rows=rows, most=MOST_ROWS)
    fields = msgspec.to_builtins(asked)
    digest = hashlib.sha256(msgspec.json.encode([fields, scope.organisation_id, form, language])).digest()
    facts = {
        "person_id": person_id, "organisation_id": scope.organisation_id, "form": form, "language": language,
        "asked": fields, "words": words, "digest": digest, "rows_total": rows, "asked_at": clock.now(),
    }  # fmt: skip
    made = session.scalar(insert(ReportFile).values(facts).on_conflict_do_nothing().returning(ReportFile.id))
    if made is None:
        same = select(ReportFile).filter_by(person_id=person_id, digest=digest, state="making")
        return session.scalars(same).one()
    in_making = select(func.count()).select_from(ReportFile).filter_by(person_id=person_id, state="making")
    if (session.scalar(in_making) or 0) > MOST_AT_ONCE:
        raise TooManyFiles(most=MOST_AT_ONCE)
    audit.record(session, actor, "order", "report file", made, after={**fields, "form": form, "rows": rows})
    return session.get_one(ReportFile, made)


def files_of(session: Session, person_id: int, limit: int = 20) -> list[ReportFile]:
    """The newest first."""
    own = select(ReportFile).where(ReportFile.person_id == person_id)
    return list(session.scalars(own.order_by(ReportFile.id.desc()).limit(limit)))


def own_file(session: Session, person_id: int, file_id: int) -> ReportFile:
    """Raises FileNotFound, also for another person's."""
    file = session.get(ReportFile, file_id)
    if file is None or file.person_id != person_id:
        raise FileNotFound
    return file


def make_next_piece(session: Session) -> bool:
    """One turn for the file that waits longest; whether there was one. A turn that dies with its worker leaves nothing behind,
    and the lock that it held is free again, so the next turn takes the file up where the last whole piece ended.
    """
    waiting = select(ReportFile).where(ReportFile.state == "making").order_by(ReportFile.tries, ReportFile.id).limit(1)
    file = session.scalar(waiting.with_for_update(skip_locked=True))
    if file is None:
        return False
    try:
        with session.begin_nested():
            _advance(session, file)
    except Exception:
        file.tries += 1
        log.exception("report file %s failed, try %s", file.id, file.tries)
        if file.tries >= MOST_TRIES:
            file.state, file.finished_at = "failed", clock.now()
    return True


def forget_old_files(session: Session) -> None:
    session.execute(delete(ReportFile).where(ReportFile.asked_at < clock.now() - KEPT))


def asked_of(fields: dict[str, Any]) -> Asked:
    """What a file or a view was asked for, as it was kept."""
    return msgspec.convert(fields, Asked)


def _advance(session: Session, file: ReportFile) -> None:
    after = (file.after_date, file.after_id) if file.after_date and file.after_id is not None else None
    scope = Scope(file.organisation_id, is_pooled=False)
    lines = list(queries.receipts(session, asked_of(file.asked), scope, after=after, limit=ROWS_A_PIECE))
    if lines:
        rows = [sheets.receipt_row(line, file.language, file.words) for line in lines]
        number = file.rows_done // ROWS_A_PIECE
        session.add(ReportPiece(file_id=file.id, number=number, rows=rows))
        file.after_date, file.after_id = lines[-1].business_date, lines[-1].entry_id
        file.rows_done += len(lines)
    if len(lines) < ROWS_A_PIECE:
        _finish(session, file)


def _finish(session: Session, file: ReportFile) -> None:
    session.flush()
    pieces = select(ReportPiece.rows).where(ReportPiece.file_id == file.id).order_by(ReportPiece.number)
    rows = (row for piece in session.scalars(pieces.execution_options(yield_per=1)) for row in piece)
    whole = sheets.receipt_sheet(rows, file.words)
    file.content = sheet_of(file.form, whole, file.words["title"], file.language)
    file.state, file.finished_at, file.rows_total = "done", clock.now(), file.rows_done
    session.execute(delete(ReportPiece).where(ReportPiece.file_id == file.id))
