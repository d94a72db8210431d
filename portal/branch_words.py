"""Words and sentences of branches that shops ask for. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

STATES = {
    "asked": (lazy("With your union"), "calm", "clock"),
    "approved": (lazy("Approved"), "good", "circle-check"),
    "refused": (lazy("Refused"), "bad", "circle-x"),
    "given_up": (lazy("Given up"), "warn", "x"),
}

SENTENCES = {
    "branch_wish_decided": lazy("This was decided or given up meanwhile. The page shows how it stands now."),
    "branch_wish_incomplete.city": lazy("Choose a city of the list."),
    "branch_wish_incomplete.shop": lazy("Only a shop that works and belongs to a union opens a branch. Finish its file, or ask your union."),
    "branch_wish_incomplete.why": lazy("Write in 3 to %(most)s letters why: the shop reads it."),
    "branch_wish_not_found": lazy("There is no such request for a branch."),
    "own_branch_wish": lazy("Nobody decides on a branch that they asked for. Ask a colleague."),
}
