"""Words and sentences of instalments, for the codes of `merchants.instalments`."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from markupsafe import Markup

from portal import formats

SEPARATOR = {"fa": "، ", "ar": "، ", "ur": "، "}

STATES = {
    "open": (lazy("To come"), "calm", "clock"),
    "late": (lazy("Late"), "warn", "alert-triangle"),
    "paid": (lazy("Paid"), "good", "circle-check"),
}

TERMS_STATES = {
    "offered": (lazy("Waits for the other side"), "warn", "clock"),
    "signed": (lazy("Signed by both"), "good", "circle-check"),
    "refused": (lazy("Refused"), "bad", "circle-x"),
    "withdrawn": (lazy("Taken back"), "calm", "ban"),
}

SENTENCES = {
    "credit_line_is_closed": lazy("This credit line is closed. Give a new one if the cardholder needs it."),
    "credit_line_not_found": lazy("There is no such credit line."),
    "credit_line_wish_decided": lazy("Somebody has decided on this limit already."),
    "credit_line_wish_waiting": lazy("A limit for this cardholder waits for a second person already. Decide on that one first."),
    "instalment_plan_not_found": lazy("There is no such purchase in instalments."),
    "own_credit_line_wish": lazy("Nobody grants the limit that they asked for themselves. A second person must look at it."),
    "own_sale_terms": lazy("The other side signs these terms, and another person than the one who offered them."),
    "sale_terms_decided": lazy("These terms are signed, refused or taken back already."),
    "sale_terms_not_found": lazy("There are no such terms."),
    "sale_terms_waiting": lazy("Terms wait for an answer already. Take them back first if they are wrong."),
    "wrong_credit_limit.not_higher": lazy(
        "The cardholder has this limit or more already. Type a higher one, or lower the line in the list."
    ),
    "wrong_credit_limit.not_lower": lazy("Type a limit below the one in force. More than that a second person must grant."),
    "wrong_credit_limit.range": lazy("The limit must be a whole number of Rial above zero and at most ten milliard."),
    "wrong_instalment_payment": lazy("Type an amount above zero and at most what is open: %(open_rial)s Rial."),
    "wrong_sale_terms.cash_discount": lazy("The discount must be a percentage from zero to below a hundred, as 12 or 2.5."),
    "wrong_sale_terms.commission": lazy("The commission must be a percentage from zero to a hundred, as 3 or 1.5."),
    "wrong_sale_terms.counts": lazy(
        "Type the numbers of instalments, from 2 to 36, as 2, 4, 6. Leave it empty only where there is a discount."
    ),
    "wrong_sale_terms.ends_on": lazy("The last day cannot be before the first one. Leave it empty for no end."),
    "wrong_sale_terms.every": lazy("An instalment may be due every 1 to 6 months, or every 10 to 120 days."),
    "wrong_sale_terms.fee": lazy("The fee must be a whole number of Rial, at most the smallest purchase."),
    "wrong_sale_terms.giver": lazy("Choose an organisation of the list, or anybody."),
    "wrong_sale_terms.least": lazy("The smallest purchase must be a whole number of Rial above zero."),
    "wrong_sale_terms.most": lazy("The largest purchase must not be below the smallest one, and at most ten milliard Rial."),
    "wrong_sale_terms.starts_on": lazy("The first day must be today or later, as 1405/09/15."),
}


def terms_sentences(terms: Any) -> list[str]:
    """What a customer may know of the terms before paying; nothing is said of a price for time, because there is none."""
    language = str(get_locale())
    said = []
    if terms.counts:
        numbers = [formats.number(count, language) for count in terms.counts]
        counts = (
            _("%(first)s or %(last)s", first=SEPARATOR.get(language, ", ").join(numbers[:-1]), last=numbers[-1])
            if len(numbers) > 1
            else numbers[0]
        )
        fee = formats.money(terms.fee_rial, language) if terms.fee_rial else None
        said.append(_interval(terms, counts, language))
        said.append(
            _filled(_("%(fee)s is added once, whatever the number of instalments."), fee=fee)
            if fee
            else _("Nothing is added to the price.")
        )
        least, most = (formats.money(rial, language) for rial in (terms.least_rial, terms.most_rial))
        said.append(_filled(_("For purchases of %(least)s to %(most)s."), least=least, most=most))
    if terms.cash_discount_basis_points:
        share = formats.percent(terms.cash_discount_basis_points, 10_000, language)
        said.append(_("%(share)s off for who pays at once.", share=share))
        if terms.discounts_card_prices:
            said.append(_("Card prices are lowered by it, too."))
    return said


def _filled(sentence: str, **amounts: Markup) -> Markup:
    """Amounts bring their own marks, which must not be written out."""
    return Markup(sentence) % amounts  # noqa: S704 - a sentence of ours, and what fills it is escaped or made by formats


def _interval(terms: Any, counts: str, language: str) -> str:
    if terms.every_days:
        return _(
            "In %(counts)s instalments, one every %(days)s days.", counts=counts, days=formats.number(terms.every_days, language)
        )
    if terms.every_months == 1:
        return _("In %(counts)s monthly instalments.", counts=counts)
    months = formats.number(terms.every_months, language)
    return _("In %(counts)s instalments, one every %(months)s months.", counts=counts, months=months)
