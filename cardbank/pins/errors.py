"""Why a PIN is not taken. Facts only."""

from typing import ClassVar

from kernel.errors import BadInput, DomainError


class WrongPin(BadInput):
    """The PIN cannot be set; facts: `fault` length, simple or differs."""

    code = "wrong_pin"


class PinNotSet(DomainError):
    code = "pin_not_set"


class CardSignInRefused(DomainError):
    """Number and PIN do not open a sign-in; which of them is wrong, or whether the PIN is locked, is never said."""

    code = "card_sign_in_refused"
    status = 401
    is_recorded: ClassVar[bool] = True
