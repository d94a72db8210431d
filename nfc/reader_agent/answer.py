"""What a terminal hears: a verified answer, a refusal before the purchase, or nothing that could be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reader_agent.wire import Message

# Answers to a reversal or a close after which it stays due: the host could not judge it now.
REPEAT_LATER = {"63", "68", "76", "90", "91", "96"}


class NoAnswer(Exception):
    """No verifiable answer came. `is_reversed`: True settled, False still due, None nothing was at stake."""

    def __init__(self, why: str, is_reversed: bool | None = None) -> None:
        super().__init__(why)
        self.is_reversed = is_reversed


class Declined(Exception):
    """The host said no before the purchase."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(answer.code)
        self.answer = answer


@dataclass(frozen=True)
class Answer:
    """A verified answer: DE39, the internal reason (DF4D), the elements and both TLV elements.

    `shown` is for the screen alone. `is_reversed` is set for a purchase whose code is in UNDECIDED: True settled, False still due.
    """

    code: str
    reason: str
    message: Message
    private: dict[int, bytes]
    receipt: dict[int, bytes]
    is_reversed: bool | None = None
    shown: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_approved(self) -> bool:
        return self.code == "00"
