"""Words and sentences of what shops owe their union. Each fault names its remedy."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

STATES = {
    "open": (lazy("To be paid"), "calm", "clock"),
    "late": (lazy("Late"), "bad", "alert-triangle"),
    "paid": (lazy("Paid"), "good", "circle-check"),
    "struck_out": (lazy("Struck out"), "warn", "ban"),
}
WAYS = {"outside": lazy("Paid at the union"), "settlement": lazy("Out of the shop's settlement")}

SENTENCES = {
    "creditor_not_payable": lazy("Your union has no approved bank account for this yet. Pay it there and ask for a receipt."),
    "due_is_closed": lazy("This is paid or struck out already. Load the page again to see it."),
    "due_not_found": lazy("There is no such due."),
    "more_than_due": lazy("What is left of it is %(left_rial)s Rial. Pay that much or less."),
    "more_than_waits": lazy("Your next settlement comes to %(waits_rial)s Rial by now. Pay that much or less from it."),
    "wrong_due.amount": lazy("What is owed is an amount in Rial above zero."),
    "wrong_due.due_on": lazy("The day to pay by is today or later, within two years. Write it as 1406/06/31."),
    "wrong_due.receipt": lazy("Write the number of the receipt, in up to forty characters."),
    "wrong_due.shop": lazy(
        "No shop of your union has this licence, number or name. Write its guild licence, its number or its whole name."
    ),
    "wrong_due.shops": lazy("Several shops of your union have this name. Write the guild licence or the number of the one."),
    "wrong_due.what": lazy("Write what it is for, in up to 120 characters."),
    "wrong_due.why": lazy("Write why nothing more is to be paid, in up to two hundred characters."),
}


def what_of(due: Any) -> str:
    """What a due is for: the words of who entered it, or the inspection whose fine it is."""
    return due.what or str(_("Fine of an inspection"))


def state_of(row: Any, today: Any) -> str:
    if row.due.struck_why:
        return "struck_out"
    if not row.left_rial:
        return "paid"
    return "late" if row.due.due_on < today else "open"
