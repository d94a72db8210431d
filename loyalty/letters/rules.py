"""What a letter may say, when it leaves, what it comes to, and when a second person decides. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.languages import DEFAULT_LANGUAGE, LANGUAGES, in_language
from kernel.messages.rules import parts_of
from loyalty.letters.errors import WrongLetter

LONGEST_TEXT = 335  # five parts of a Persian SMS
FARTHEST = timedelta(days=90)
A_TURN = 200  # recipients written to in one unit of work
OPEN = ("proposed", "scheduled", "sending")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to be sent; `frame` is what is written around the text in each language."""

    purpose: str
    texts: Mapping[str, str]
    send_at: datetime
    frame: Mapping[str, str] = field(default_factory=dict)


def texts_of(typed: Mapping[str, str]) -> dict[str, str]:
    """The letter by language; Persian is what everybody else gets who has none of their own. Raises WrongLetter."""
    texts = {}
    for language in LANGUAGES:
        text = "\n".join(" ".join(line.split()) for line in typed.get(f"text_{language}", "").strip().splitlines())
        if len(text) > LONGEST_TEXT:
            raise WrongLetter(field=f"text_{language}", fault="long", most=LONGEST_TEXT)
        if text:
            texts[language] = text
    if DEFAULT_LANGUAGE not in texts:
        raise WrongLetter(field=f"text_{DEFAULT_LANGUAGE}", fault="none")
    return texts


def check_send_at(at: datetime, now: datetime) -> datetime:
    """A moment that has passed means at once. Raises WrongLetter."""
    if at - now > FARTHEST:
        raise WrongLetter(field="send_at", fault="far")
    return max(at, now)


def parts_in_all(texts: Mapping[str, str], people: Mapping[str, int], frame: Mapping[str, str]) -> int:
    """How many SMS are paid: for each language its people by its text; `frame` is what is written around it."""
    return sum(count * parts_of(in_language(texts, language) + frame.get(language, "")) for language, count in people.items())


def needs_second_person(people: int, most_alone: int) -> bool:
    return people > most_alone
