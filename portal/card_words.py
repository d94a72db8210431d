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
    "expire": (lazy("End this card"), "hourglass"),
    "close": (lazy("Close it: nothing may be left on it"), "ban"),
}
FEES = {"cash": lazy("In cash"), "card": lazy("From the card's money, if it is enough")}
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

TECHNOLOGIES = {
    "chip": lazy("With a chip (NFC)"),
    "barcode": lazy("Barcode"),
    "qr": lazy("QR code"),
    "magnetic": lazy("Magnetic stripe"),
}
SUBJECTS = {
    "person": lazy("One person"),
    "branch": lazy("One branch"),
    "operator": lazy("One operator"),
    "network": lazy("The whole network"),
}
PERIODS = {"day": lazy("a day"), "month": lazy("a Jalali month"), "ever": lazy("ever")}

SENTENCES = {
    "bad_input.reason": lazy("Say in one sentence why the card is needed, up to 200 letters."),
    "bad_input.kind": lazy("Please choose why the card is blocked."),
    "bad_input.note": lazy("Say in one sentence why, up to 200 letters."),
    "bad_input.find": lazy(
        "Type a card number, its last 4 digits, a national id, a passport number or a mobile number, or scan a card."
    ),
    "blank_not_found": lazy("There is no card with this number or chip in the stock. Please read it again, or take another card."),
    "blank_not_in_stock": lazy("This card belongs to somebody already. Please take another one from the stock."),
    "blank_of_another_kind": lazy("This is a card of another kind. Please take one of the same kind as the old card."),
    "blank_has_no_chip": lazy("Cards of this kind have a chip, and this one has none. Please take another one from the stock."),
    "card_is_replaced": lazy("Somebody has replaced this card already: the new one is %(masked)s."),
    "card_kind_closed": lazy("No new cards of this kind are given any more. Please choose another kind."),
    "card_kind_needs_holder": lazy("Cards of this kind are given to a person only. Enrol the pilgrim first."),
    "card_kind_not_found": lazy("There is no such kind of card. Please choose one from the list."),
    "card_kind_taken": lazy("A kind with this code exists already. Make a new version of it instead."),
    "card_kind_too_early": lazy("New terms begin on %(first)s at the earliest."),
    "card_kind_wrong": lazy("Please write a whole number from %(least)s to %(most)s."),
    "card_kind_wrong.art": lazy("The name of the printer's file has %(most)s letters at most."),
    "card_kind_wrong.code": lazy("The code has 2 to 20 small Latin letters and digits and begins with a letter."),
    "card_kind_wrong.holds_money": lazy("Whether a kind holds money never changes. Please make a new kind."),
    "card_kind_wrong.name_en": lazy("Please write the English name, %(most)s letters at most."),
    "card_kind_wrong.name_fa": lazy("Please write the Persian name, %(most)s letters at most."),
    "card_not_replaceable": lazy("A card in this state is not replaced. Please look at its history."),
    "card_not_replaceable.bank": lazy("The network has blocked this card. Clear that up first; a new card is no way around it."),
    "chip_in_use": lazy("Another card stands on this chip already. Please take another card."),
    "issuing_exception_asked": lazy("This is being asked for already. Another operator answers it under Limits of issuing."),
    "issuing_exception_not_found": lazy("This has been answered already."),
    "issuing_limit_not_found": lazy("This limit has ended already."),
    "issuing_limit_reached": lazy("A limit of issuing is reached."),
    "issuing_limit_reached.branch_day": lazy("This branch has handed out %(most)s cards today, which is its limit of a day."),
    "issuing_limit_reached.branch_month": lazy(
        "This branch has handed out %(most)s cards this month, which is its limit of a month."
    ),
    "issuing_limit_reached.network_day": lazy("The network has handed out %(most)s cards today, which is its limit of a day."),
    "issuing_limit_reached.network_month": lazy(
        "The network has handed out %(most)s cards this month, which is its limit of a month."
    ),
    "issuing_limit_reached.operator_day": lazy(
        "You have handed out %(most)s cards today, which is the limit of an operator and day."
    ),
    "issuing_limit_reached.operator_month": lazy(
        "You have handed out %(most)s cards this month, which is the limit of an operator and month."
    ),
    "issuing_limit_reached.person_day": lazy("This person was given %(most)s cards today, which is the limit of a person and day."),
    "issuing_limit_reached.person_ever": lazy("This person was given %(most)s cards so far, which is the limit of a person."),
    "issuing_limit_reached.person_month": lazy(
        "This person was given %(most)s cards this month, which is the limit of a person and month."
    ),
    "issuing_limit_twice": lazy("Such a limit is in force already. End it first, then set the new one."),
    "issuing_limit_wrong": lazy("Please choose from the list."),
    "issuing_limit_wrong.most": lazy("Please write a whole number above zero."),
    "issuing_limit_wrong.period": lazy("Only of a person can one limit the cards ever given. Please choose a day or a month."),
    "kind_held_already": lazy("This person holds %(most)s cards of this kind already, which is the most that the kind allows."),
    "card_sign_in_refused": lazy(
        "Card number and PIN do not open this account. After five wrong tries sign in by the code on your phone, or ask at a desk."
    ),
    "own_issuing_exception": lazy("Who asked does not answer. Another operator looks at it."),
    "replacement_fee_not_covered": lazy("The card's money does not cover the fee of %(amount_rial)s Rial. Please take it in cash."),
    "replacement_not_found": lazy("No new card is being asked for any more."),
    "pilgrim_has_card": lazy("This pilgrim is on record and has a card already. Look at it, and replace it if it is lost."),
    "pin_not_set": lazy("This card has no PIN yet. The holder sets one here."),
    "wrong_pin.differs": lazy("The two PINs are not the same. Please type them again."),
    "wrong_pin.length": lazy("A PIN has 4 to 6 digits."),
    "wrong_pin.simple": lazy("This PIN is too easy to guess. Please choose digits that neither repeat nor follow each other."),
}
