"""Words and sentences of terminals' batches, for the codes of `merchants.batches`."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as lazy

STATES = {
    "unclaimed": (lazy("Closed by its age"), "calm", "clock"),
    "balanced": (lazy("In balance"), "good", "circle-check"),
    "different": (lazy("The till is sending its list"), "warn", "hourglass"),
    "agreed": (lazy("The lists agree"), "good", "circle-check"),
    "case": (lazy("Being looked into"), "bad", "alert-triangle"),
    "decided": (lazy("Cleared up"), "calm", "check"),
}

SIDES = {
    "debits": lazy("Sales"),
    "debit_reversals": lazy("Sales taken back"),
    "credits": lazy("Refunds and cash top-ups"),
    "credit_reversals": lazy("Refunds and top-ups taken back"),
}

FINDINGS = {
    "bank_lacks": lazy("Only the till has it"),
    "terminal_lacks": lazy("Only the bank has it"),
    "amount_differs": lazy("Two amounts"),
}

WORDS = {
    "found": (lazy("It happened"), "good", "circle-check"),
    "not_found": (lazy("It did not happen"), "calm", "circle-x"),
}

# Of two amounts, which one holds.
WORDS_ON_AMOUNTS = {
    "found": (lazy("The till is right"), "good", "circle-check"),
    "not_found": (lazy("The bank is right"), "calm", "circle-x"),
}


def words_on(finding: str) -> dict[str, tuple[LazyString, str, str]]:
    return WORDS_ON_AMOUNTS if finding == "amount_differs" else WORDS


SENTENCES = {
    "batch_exception_decided": lazy("Somebody has decided on this one already."),
    "batch_exception_not_found": lazy("There is no such difference."),
    "terminal_batch_not_found": lazy("There is no such batch."),
    "not_the_holders": lazy("Nothing of this difference waits for a cardholder."),
    "holder_return_waits": lazy("It is proposed or given back already."),
    "holder_return_not_found": lazy("There is no such proposal."),
    "holder_return_decided": lazy("Somebody has decided on this one already."),
    "own_holder_return": lazy("You proposed it yourself: a second person must let it be paid."),
    "purchase_not_of_shop": lazy(
        "No purchase of this shop with this reference came to that amount. Copy the twelve characters after Reference on the receipt."
    ),
}

NOTE_NEEDED = lazy("Write down what you found out, in up to 200 letters.")
WORD_NEEDED = lazy("Choose whether you found it or not.")
