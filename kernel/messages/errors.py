"""What cannot be sent."""

from kernel.errors import BadInput


class WrongAddress(BadInput):
    """Neither `+` with the digits of a mobile number nor an e-mail address."""

    code = "wrong_address"
