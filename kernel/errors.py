"""Errors that state facts. What a person reads is made at the edge, from the code and its parameters."""

from typing import ClassVar


class StartRefused(Exception):
    """A process cannot start; the message is one sentence that says what to do."""


class DomainError(Exception):
    """Something a person asked for cannot be done. `code` is stable and translated at the edge."""

    code: ClassVar[str] = "not_possible"
    status: ClassVar[int] = 409
    is_recorded: ClassVar[bool] = False  # True keeps the unit of work of the refusal, such as the count of failed sign-ins

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotFound(DomainError):
    code = "not_found"
    status = 404


class NotPermitted(DomainError):
    code = "not_permitted"
    status = 403


class BadInput(DomainError):
    """One field of the input is wrong: facts carry `field`."""

    code = "bad_input"
    status = 422
