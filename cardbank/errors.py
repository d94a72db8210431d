"""What the card bank refuses, as facts."""

from kernel.errors import BadInput, DomainError, NotFound


class CardNotFound(NotFound):
    code = "card_not_found"


class CardNotUsable(DomainError):
    """The card's state forbids it; facts carry `reason`."""

    code = "card_not_usable"


class CardTransitionNotAllowed(DomainError):
    """Facts carry `status` and `wanted`."""

    code = "card_transition_not_allowed"


class CardHoldsMoney(DomainError):
    """A card is closed only when nothing is left on its wallet; facts carry `amount_rial`."""

    code = "card_holds_money"


class ChipInUse(DomainError):
    """Another card already stands on this chip."""

    code = "chip_in_use"


class WrongAmount(BadInput):
    code = "wrong_amount"


class SameWallet(BadInput):
    """Both cards lead to the same money already."""

    code = "same_wallet"


class CardCodeUnknown(BadInput):
    """This bank never made the code, or its digits are bent."""

    code = "card_code_unknown"


class CardCodeExpired(BadInput):
    """The code's minute is over: the holder's page shows a new one."""

    code = "card_code_expired"


class WrongRequestKey(BadInput):
    """A request key is a UUID of version 7 and not older than the window."""

    code = "wrong_request_key"


class PostingRefused(DomainError):
    """The ledger declined; facts carry `reason`."""

    code = "posting_refused"


class LaboratoryOnly(DomainError):
    code = "laboratory_only"
    status = 403


class KeyFileUnusable(DomainError):
    code = "key_file_unusable"
    status = 500

    def __str__(self) -> str:
        return f"The key file cannot be used: {self.facts['fault']}."


class UnknownKey(DomainError):
    code = "unknown_key"
    status = 500


class SealBroken(DomainError):
    code = "seal_broken"
    status = 500
