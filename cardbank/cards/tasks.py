"""What has to happen to cards without anybody asking; each is a step in a unit of work of its own."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from cardbank.cards import challenges
from cardbank.cards.queries import cards_past_their_last_day
from cardbank.cards.services import expire_card
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import local_day

CALENDAR = Actor.system("calendar")
MOST_AT_ONCE = 200


def expire_cards(session: Session) -> None:
    """End cards whose last day is over. They pay no more from that midnight on anyway; this makes it their state."""
    for card_id in cards_past_their_last_day(session, local_day(clock.now()), MOST_AT_ONCE):
        expire_card(session, CALENDAR, card_id)


def forget_challenges(session: Session) -> None:
    """Drop challenges that no reversal may name any more."""
    challenges.forget_old_challenges(session, clock.now())


STEPS: Mapping[str, tuple[Callable[[Session], object], float]] = {
    "expire_cards": (expire_cards, 3_600.0),
    "forget_challenges": (forget_challenges, 3_600.0),
}
