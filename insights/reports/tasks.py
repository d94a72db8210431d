"""What happens by itself: a piece of a long file each second, old files forgotten, cards counted. Each runs in a unit of work."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from insights.reports import services
from insights.reports.card_days import count_cards

STEPS: Mapping[str, tuple[Callable[[Session], object], float]] = {
    "count_cards": (count_cards, 60.0),
    "make_report_files": (services.make_next_piece, 1.0),
    "forget_report_files": (services.forget_old_files, 3_600.0),
}
