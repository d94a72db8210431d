"""What a letter may say, when it leaves, what it comes to, and when a second person decides. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.languages import DEFAULT_LANGUAGE, LANGUAGES, in_language
from kernel.messages.rules import Channel, parts_of
from loyalty.groups.rules import CHOSEN
from loyalty.letters.errors import WrongLetter

LONGEST_TEXT = 335  # five parts of a Persian SMS
LONGEST_MAIL = 4_000
LONGEST_SUBJECT = 80
CHANNELS = (CHOSEN, Channel.SMS.value, Channel.EMAIL.value)
FARTHEST = timedelta(days=90)
A_TURN = 200  # recipients written to in one unit of work
OPEN = ("proposed", "scheduled", "sending")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to be sent; `frame` is what is written around the text of an SMS in each language."""

    purpose: str
    texts: Mapping[str, str]
    send_at: datetime
    frame: Mapping[str, str] = field(default_factory=dict)
    channel: str = Channel.SMS.value
    subjects: Mapping[str, str] = field(default_factory=dict)


def channel_of_letter(typed: str) -> str:
    """Raises WrongLetter."""
    if typed not in CHANNELS:
        raise WrongLetter(field="channel", fault="channel")
    return typed


def subjects_of(typed: Mapping[str, str], channel: str) -> dict[str, str]:
    """The subject of e-mails by language, none where all leave by SMS. Raises WrongLetter."""
    if channel == Channel.SMS:
        return {}
    subjects = {}
    for language in LANGUAGES:
        subject = " ".join(typed.get(f"subject_{language}", "").split())
        if len(subject) > LONGEST_SUBJECT:
            raise WrongLetter(field=f"subject_{language}", fault="long", most=LONGEST_SUBJECT)
        if subject:
            subjects[language] = subject
    if DEFAULT_LANGUAGE not in subjects:
        raise WrongLetter(field=f"subject_{DEFAULT_LANGUAGE}", fault="no_subject")
    return subjects


def texts_of(typed: Mapping[str, str], channel: str = Channel.SMS.value) -> dict[str, str]:
    """The letter by language; Persian is what everybody else gets who has none of their own. What may leave by SMS is as short as five
    of them. Raises WrongLetter.
    """
    texts, longest = {}, LONGEST_MAIL if channel == Channel.EMAIL else LONGEST_TEXT
    for language in LANGUAGES:
        text = "\n".join(" ".join(line.split()) for line in typed.get(f"text_{language}", "").strip().splitlines())
        if len(text) > longest:
            raise WrongLetter(field=f"text_{language}", fault="long", most=longest)
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
