"""What webhooks need of the outside: somebody who posts a message to an address and says what came of it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One try of a delivery, ready to go."""

    delivery_id: int
    address: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is what the receiver answered; without an answer `fault` says why: inside, unknown, refused, late, tls, form."""

    status: int | None
    fault: str | None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Sender(Protocol):
    """Never follows a redirect and never raises for what the other side does."""

    def send(self, message: Message) -> Outcome: ...
