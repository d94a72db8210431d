"""What messages need of the outside: providers that take letters and say what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in words. `number` is the message's for ever: a provider that was asked twice may know it again by it.

    E-mail has its words as `html` as well, and the address where a press or a mail program ends what it is one of (RFC 8058).
    """

    number: int
    to: str
    subject: str
    text: str
    html: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class IncomingText:
    """An SMS to our line; `sender` is a mobile number with its `+`, `key` names the text for ever."""

    key: str
    sender: str
    text: str


class Fate(StrEnum):
    """What a provider knows of a letter that it took."""

    DELIVERED = "delivered"
    LOST = "lost"
    REFUSED = "refused"  # the owner of the number takes nothing from this line


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reference` where the letter was taken; `fault` where it was not: number, text, unreachable, late, busy, credit, account.

    `is_asked` says that the provider can tell later what became of it.
    """

    reference: str | None
    fault: str | None = None
    is_asked: bool = False

    @property
    def is_final(self) -> bool:
        """Whether no other provider would take it either."""
        return self.fault in ("number", "text")


class Provider(Protocol):
    """Never raises for what the other side does, and holds no connection between two letters."""

    @property
    def name(self) -> str: ...

    def send(self, letter: Letter) -> Outcome: ...

    def fates(self, references: Sequence[str]) -> Mapping[str, Fate]:
        """What is known of these letters by now; those that are still on their way are missing."""
        ...
