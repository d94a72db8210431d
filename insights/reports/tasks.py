"""What happens by itself: a piece of a long file each second, and old files forgotten. Each runs in a unit of work."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from insights.reports import services

STEPS: Mapping[str, tuple[Callable[[Session], object], float]] = {
    "make_report_files": (services.make_next_piece, 1.0),
    "forget_report_files": (services.forget_old_files, 3_600.0),
}
