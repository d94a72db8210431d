"""Words and sentences of inspections and of the union's panel. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

STATES = {
    "planned": (lazy("Planned"), "calm", "calendar"),
    "done": (lazy("Written down"), "good", "circle-check"),
    "called_off": (lazy("Called off"), "warn", "ban"),
}
REASONS = {
    "planned": lazy("Planned by the union"),
    "complaints": lazy("Repeated complaints"),
    "follow_up": lazy("A further visit"),
}
OUTCOMES = {
    "nothing": (lazy("Nothing wrong"), "good", "circle-check"),
    "warning": (lazy("Warning"), "warn", "alert-triangle"),
    "fine": (lazy("Fine"), "bad", "coins"),
}
ITEMS = {
    "licence_shown": lazy("The licence hangs where customers see it"),
    "prices_shown": lazy("Every good has its price on it"),
    "ceilings_kept": lazy("No price is above the union's ceiling"),
    "receipts_given": lazy("Customers get their receipts"),
    "terminal_works": lazy("The terminal works"),
    "data_right": lazy("Address, hours and telephone number are as in the directory"),
    "clean": lazy("The shop is clean"),
}
MARKS = {"fine": lazy("In order"), "wrong": lazy("Not in order"), "not_seen": lazy("Not looked at")}
SHOWN = {"licence": lazy("Licence ends soon"), "complaints": lazy("With open complaints"), "visits": lazy("To be visited")}

SENTENCES = {
    "inspection_not_found": lazy("There is no such inspection."),
    "inspection_day_wrong": lazy("A visit is planned from today on and within a year. Write the day as 1406/06/31."),
    "inspection_day_wrong.follow_up_on": lazy("A further visit comes after today and within a year. Write the day as 1406/06/31."),
    "inspection_is_over": lazy("This visit was written down or called off before."),
    "inspection_result_incomplete.checklist": lazy("Please mark every line of the checklist."),
    "inspection_result_incomplete.findings": lazy("Please write what you found, in up to a thousand characters."),
    "inspection_result_incomplete.fine": lazy("A fine has an amount in Rial, and anything else has none."),
    "shop_not_of_union": lazy("Choose a shop of your union."),
    "shop_not_of_union.none": lazy("No shop of your union is called so. Write part of its name, its guild licence or its number."),
    "shop_not_of_union.several": lazy("Several shops fit. Mark the one you mean, or write more of its name."),
}
