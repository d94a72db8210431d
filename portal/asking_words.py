"""Words and sentences of what people ask of a desk from afar: a first card, and what stands in their papers."""

from flask_babel import lazy_gettext as lazy

FIRST_CARDS = {
    "asked": (lazy("Asked for"), "warn", "hourglass"),
    "ready": (lazy("Ready at the desk"), "good", "circle-check"),
    "done": (lazy("Handed over"), "good", "credit-card"),
    "refused": (lazy("Refused"), "bad", "ban"),
    "withdrawn": (lazy("Called off"), "calm", "ban"),
}

SENTENCES = {
    "bad_input.desk": lazy("Say in a few words at which desk the card lies ready, up to 80 letters."),
    "bad_input.refusal": lazy("Say in one sentence why, up to 200 letters: the person reads it."),
    "card_held_already": lazy("You have a card already. If something is wrong with it, ask for a new one beside that card."),
    "document_not_seen": lazy("Compare the person with their document first, then tick that you have."),
    "first_card_is_ready": lazy("Your card lies ready at this desk: %(desk)s. Call it off first if you want another one."),
    "first_card_not_found": lazy("Nobody waits for this card any more. Please look at the list again."),
}
