"""Words and sentences of branches and of what shops ask for them. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

STATES = {
    "asked": (lazy("With your union"), "calm", "clock"),
    "approved": (lazy("Approved"), "good", "circle-check"),
    "refused": (lazy("Refused"), "bad", "circle-x"),
    "given_up": (lazy("Given up"), "warn", "x"),
}

KINDS = {
    "open": lazy("Another branch"),
    "move": lazy("Move of a branch"),
}

BRANCH_STATES = {
    "active": (lazy("Works"), "good", "circle-check"),
    "suspended": (lazy("Licence ended"), "bad", "hourglass"),
    "closed": (lazy("Closed for good"), "calm", "ban"),
}

SENTENCES = {
    "branch_is_closed": lazy("This branch is closed for good. Choose another one."),
    "branch_moves_already": lazy("A move of this branch waits for the union already. Give that up first, or wait for the answer."),
    "branch_not_found": lazy("There is no such branch in your shop."),
    "branch_not_ready.count": lazy("A stocktake is open in this branch. Post or discard it first."),
    "branch_not_ready.heir": lazy("Something is left in this branch. Choose the branch that takes it over."),
    "branch_not_ready.last": lazy("A shop keeps one branch. To end the whole shop, ask your municipality."),
    "branch_not_ready.shift": lazy("Somebody works at a till of this branch. Have the shift cashed up first."),
    "branch_wish_decided": lazy("This was decided or given up meanwhile. The page shows how it stands now."),
    "branch_wish_incomplete.city": lazy("Choose a city of the list."),
    "branch_wish_incomplete.shop": lazy(
        "Only a shop that works and belongs to a union opens a branch. Finish its file, or ask your union."
    ),
    "branch_wish_incomplete.why": lazy("Write in 3 to %(most)s letters why: the shop reads it."),
    "branch_wish_not_found": lazy("There is no such request for a branch."),
    "own_branch_wish": lazy("Nobody decides on a branch that they asked for. Ask a colleague."),
}
