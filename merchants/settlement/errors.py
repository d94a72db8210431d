"""What can be wrong with a settlement or a bank account."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class WrongSheba(BadInput):
    """Facts: `field`, and `fault`: length, check_digits, bank or sample (a sample bank for a shop that is not fictional)."""

    code = "wrong_sheba"


class HolderIsNotTheShop(BadInput):
    """The account is not in the legal name of the shop; facts: `field`."""

    code = "holder_is_not_the_shop"


class SameBankAccount(BadInput):
    """The account proposed is the one that is paid to already; facts: `field`."""

    code = "same_bank_account"


class BankAccountChangePending(DomainError):
    """A change waits for a decision already."""

    code = "bank_account_change_pending"


class BankAccountNotFound(NotFound):
    code = "bank_account_not_found"


class BankAccountDecided(DomainError):
    """Somebody has decided on it before; facts: `status`."""

    code = "bank_account_decided"


class OwnProposal(NotPermitted):
    """Nobody approves what they proposed themselves."""

    code = "own_proposal"


class TermBeginsTooEarly(BadInput):
    """A commission term begins in the future or now, and after the latest one of its owner; facts: `field`."""

    code = "term_begins_too_early"


class NothingToSettle(DomainError):
    code = "nothing_to_settle"


class BatchNotFound(NotFound):
    code = "settlement_batch_not_found"


class StatementNotFound(NotFound):
    code = "statement_not_found"


class StatementTooLong(DomainError):
    """It has more lines than are put on paper; facts: `lines`."""

    code = "statement_too_long"


class PayoutAnswered(DomainError):
    """The bank's answer to a payout is on record; facts: `reference`, `state`."""

    code = "payout_answered"


class PayerNotSet(DomainError):
    """The form names the paying account, which is not among the settings; facts: `form`."""

    code = "payer_not_set"


class PayoutFileForgotten(DomainError):
    """Accounts that the file named are forgotten; its hash is kept."""

    code = "payout_file_forgotten"
    status = 410


class PayoutFileDamaged(DomainError):
    """A stored payout file is not what its hash says."""

    code = "payout_file_damaged"
    status = 500


class CommissionOfferNotFound(NotFound):
    code = "commission_offer_not_found"


class CommissionOfferDecided(DomainError):
    """Signed, refused or withdrawn already; facts: `state`."""

    code = "commission_offer_decided"


class CommissionOfferWaiting(DomainError):
    """An offer for these goods waits for its answer, so there is no second one."""

    code = "commission_offer_waiting"


class OwnCommissionOffer(DomainError):
    """Who offered a commission, or belongs to the side that did, cannot sign it for the other side."""

    code = "own_commission_offer"


class WrongCommission(BadInput):
    """Facts: `field` and `fault`."""

    code = "wrong_commission"
