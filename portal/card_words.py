"""Words and sentences of cards at a desk: finding, stopping, replacing. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

BLOCKS = {
    "holder": lazy("The holder asks for it"),
    "lost": lazy("It is lost"),
    "stolen": lazy("It was stolen"),
    "bank": lazy("The network stops it"),
}
WHYS = {
    "lost": lazy("It is lost"),
    "stolen": lazy("It was stolen"),
    "damaged": lazy("It is damaged"),
    "expired": lazy("Its time is over"),
}
ACTS = {
    "unblock": (lazy("Let it pay again"), "check"),
    "expire": (lazy("End it"), "hourglass"),
    "close": (lazy("Close it: nothing may be left on it"), "ban"),
}
WISHES = {
    "waiting": (lazy("Waits at the desk"), "warn", "hourglass"),
    "done": (lazy("Handed over"), "good", "circle-check"),
    "withdrawn": (lazy("Withdrawn"), "calm", "ban"),
}
# What a state means that a card has come to, in its history.
STEPS = {
    "stock": lazy("Made"),
    "issued": lazy("Issued"),
    "active": lazy("Made active"),
    "blocked": lazy("Blocked"),
    "replaced": lazy("Replaced"),
    "expired": lazy("Ended"),
    "refunded": lazy("Closed"),
}

SENTENCES = {
    "bad_input.kind": lazy("Please choose why the card is blocked."),
    "bad_input.note": lazy("Say in one sentence why, up to 200 letters."),
    "bad_input.find": lazy("Type a card number, its last 4 digits, a national id, a passport number or a mobile number, or scan a card."),
    "blank_not_found": lazy("There is no card with this number or chip in the stock. Please read it again, or take another card."),
    "blank_not_in_stock": lazy("This card belongs to somebody already. Please take another one from the stock."),
    "blank_of_another_kind": lazy("This is a card of another kind. Please take one of the same kind as the old card."),
    "card_is_replaced": lazy("Somebody has replaced this card already: the new one is %(masked)s."),
    "card_not_replaceable": lazy("A card in this state is not replaced. Please look at its history."),
    "card_not_replaceable.bank": lazy("The network has blocked this card. Clear that up first; a new card is no way around it."),
    "chip_in_use": lazy("Another card stands on this chip already. Please take another card."),
    "replacement_not_found": lazy("No new card is being asked for any more."),
}
