"""Words of the faults in shops' data: what is wrong, and what mends it."""

from flask_babel import lazy_gettext as lazy

from insights.quality.rules import Fault

FAULTS = {
    Fault.LICENCE_OVER: lazy("The guild licence has ended"),
    Fault.NO_HOURS: lazy("A branch has no opening hours"),
    Fault.NO_POSITION: lazy("A branch has no place on the map"),
    Fault.NO_ACCOUNT: lazy("No approved bank account"),
    Fault.NO_OWNER: lazy("Nobody signs in for the shop"),
    Fault.NO_PHONE: lazy("The owner has no mobile number"),
    Fault.SHARED_PHONE: lazy("The owner's number is another shop's too"),
    Fault.UNCONFIRMED: lazy("Nobody has confirmed the facts for a year"),
    Fault.NO_PRICE: lazy("Products without a price"),
    Fault.LICENCE_SOON: lazy("The guild licence ends within a month"),
    Fault.ONE_LANGUAGE: lazy("No English name for foreign pilgrims"),
}

# Where the shop itself mends it: page and word; the rest is mended by its union or the operator.
OWN_PAGES = {
    Fault.NO_HOURS: ("portal.branches", lazy("Branches and hours")),
    Fault.UNCONFIRMED: ("portal.branches", lazy("Branches and hours")),
    Fault.NO_ACCOUNT: ("portal.bank_account", lazy("Bank account")),
    Fault.NO_OWNER: ("portal.people", lazy("People")),
    Fault.NO_PRICE: ("portal.products", lazy("Products")),
}
FROM_FILE = frozenset(
    {Fault.LICENCE_OVER, Fault.LICENCE_SOON, Fault.NO_POSITION, Fault.NO_OWNER, Fault.NO_PHONE, Fault.SHARED_PHONE}
)
