"""A page that says no leaves nothing behind: its use case checks before it writes, or the page rolls back what was begun."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, g, has_request_context, request, request_finished
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

# Failed tries that are counted, answers that are kept piece by piece, and lists whose cells are being mended.
KEEPERS = {
    "portal.change_number", "portal.change_password", "portal.confirm_authenticator", "portal.fill_application", "portal.keep_my_email",
    "portal.remove_authenticator", "portal.renew_recovery_codes", "portal.repair_benefit_list", "portal.repair_group_list",
    "portal.repair_members", "portal.repair_products", "portal.repair_quota_list", "portal.take_sign_in", "portal.take_sign_in_code",
}  # fmt: skip
OF_EVERY_VISIT = "UPDATE web_session SET seen_at"


@contextmanager
def watched(app: Flask) -> Iterator[list[str]]:
    """What answers with a status of 4xx committed, as `endpoint: statement`."""
    left: list[str] = []

    def note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        begins = statement.lstrip()
        if begins.startswith(("INSERT", "UPDATE", "DELETE")) and not begins.startswith(OF_EVERY_VISIT) and cursor.rowcount > 0:
            connection.info.setdefault("written", []).append(" ".join(statement.split())[:60])

    def forget(connection: Connection) -> None:
        connection.info.pop("written", None)

    def keep(connection: Connection) -> None:
        if has_request_context():
            g.setdefault("committed", []).extend(connection.info.pop("written", []))

    def look(sender: Flask, response: Response, **rest: Any) -> None:
        if 400 <= response.status_code < 500 and request.endpoint not in KEEPERS:
            left.extend(f"{request.endpoint}: {statement}" for statement in g.get("committed", []))

    told = (("after_cursor_execute", note), ("begin", forget), ("rollback", forget), ("commit", keep))
    for name, listener in told:
        event.listen(Engine, name, listener)
    try:
        with request_finished.connected_to(look, app):
            yield left
    finally:
        for name, listener in told:
            event.remove(Engine, name, listener)
