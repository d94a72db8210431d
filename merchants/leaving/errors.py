"""Why somebody cannot leave yet, as facts."""

from kernel.errors import BadInput, DomainError


class CardOwes(DomainError):
    """A debt, or instalments that are open, come first; facts carry `amount_rial`."""

    code = "card_owes"


class NothingToPayOut(DomainError):
    code = "nothing_to_pay_out"


class WouldLapse(BadInput):
    """Credit, gifts or benefits would be lost; facts carry `amount_rial` and `field`: who knows it says so."""

    code = "would_lapse"


class SharedWallet(DomainError):
    """The money is a family's: its head moves it to the own card first."""

    code = "shared_wallet"


class WrongHolder(BadInput):
    """The bank account is in another name, or in none; facts carry `field`."""

    code = "wrong_holder"
