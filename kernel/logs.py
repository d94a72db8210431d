"""One JSON object a line. A second net under the rule that no card or person is ever logged: long digit runs are masked, and
the rows that PostgreSQL quotes in an error's DETAIL are left out.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime

_CARD_NUMBER = re.compile(r"(?<!\d)(\d{6})\d{3,9}(\d{4})(?!\d)")
_QUOTED_ROW = re.compile(r"^DETAIL:.*$", re.MULTILINE)


def masked(text: str) -> str:
    """Digit runs as long as a card number (13–19) reduced to the first six and last four, and no DETAIL of the database."""
    return _CARD_NUMBER.sub(r"\1…\2", _QUOTED_ROW.sub("DETAIL: left out", text))


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["trace"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLine())
    logging.basicConfig(level=level, handlers=[handler], force=True)
