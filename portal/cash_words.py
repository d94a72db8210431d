"""Sentences of cash limits, for the codes of `merchants.cash`. Each names its remedy."""

from flask_babel import lazy_gettext as lazy

SENTENCES = {
    "cash_day_too_early": lazy("The first day must be today or later."),
    "cash_offer_decided": lazy("This offer has been answered already. What holds stands below."),
    "cash_offer_not_found": lazy("There is no such offer."),
    "cash_offer_waiting": lazy("The shop has not answered the last offer yet. Withdraw that one first."),
    "contract_begins_too_early": lazy("The contract changes on a later day already. Please make an offer that begins after it."),
    "own_cash_offer": lazy("Whoever made the offer cannot sign it. Please let the shop's owner sign."),
    "same_cash_limit": lazy("The contract says so already. Please enter another amount."),
    "wrong_cash_limit": lazy("The limit must be a whole number of Rial from 1 to %(most)s."),
}
