"""Words and sentences of what people ask of a desk from afar: a first card, and what stands in their papers."""

from flask_babel import lazy_gettext as lazy

FIRST_CARDS = {
    "asked": (lazy("Asked for"), "warn", "hourglass"),
    "ready": (lazy("Ready at the desk"), "good", "circle-check"),
    "done": (lazy("Handed over"), "good", "credit-card"),
    "refused": (lazy("Refused"), "bad", "ban"),
    "withdrawn": (lazy("Called off"), "calm", "ban"),
}

CLAIM_KINDS = {
    "passport": lazy("Passport"),
    "national_id": lazy("Iranian national id"),
    "foreign_code": lazy("Universal code of foreigners"),
    "names": lazy("How my name is written"),
    "birth_date": lazy("Day of birth"),
}
CLAIMS = {
    "asked": (lazy("Show it at a desk"), "warn", "hourglass"),
    "confirmed": (lazy("Confirmed"), "good", "circle-check"),
    "refused": (lazy("Refused"), "bad", "ban"),
    "withdrawn": (lazy("Taken back"), "calm", "arrow-back-up"),
}

SENTENCES = {
    "bad_input.desk": lazy("Say in a few words at which desk the card lies ready, up to 80 letters."),
    "bad_input.refusal": lazy("Say in one sentence why, up to 200 letters: the person reads it."),
    "card_held_already": lazy("You have a card already. If something is wrong with it, ask for a new one beside that card."),
    "claim_not_found": lazy("Nothing waits here any more. Please look at the list again."),
    "claim_on_record": lazy("This stands on your record already. Nothing has to be changed."),
    "document_not_seen": lazy("Compare the person with their document first, then tick that you have."),
    "first_card_is_ready": lazy("Your card lies ready at this desk: %(desk)s. Call it off first if you want another one."),
    "number_code_refused": lazy("The code does not fit or is older than five minutes. Please read it again, or ask for a new one."),
    "paper_not_seen": lazy("Look at the paper first, then tick that you have seen it."),
    "unknown_claim_kind": lazy("Choose from the list what it is about."),
    "wrong_last_day": lazy("Enter the last day of the passport, today or later, as it is printed."),
    "wrong_name": lazy("Write the name in this language with 2 to 80 letters."),
    "first_card_not_found": lazy("Nobody waits for this card any more. Please look at the list again."),
}
