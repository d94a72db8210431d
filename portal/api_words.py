"""Sentences for the refusals that a pilgrim meets in the app alone."""

from flask_babel import lazy_gettext as lazy

SENTENCES = {
    "app_too_old.answers": lazy(
        "The platform has changed and this version would show you wrong things. Please update it; it takes a moment."
    ),
    "app_too_old.passes": lazy("Doors do not take the passes of this version any more. Please update it; it takes a moment."),
    "app_too_old.safety": lazy("This version has a fault that could harm you. Please update it; it takes a moment."),
    "bookings_open": lazy("Something is still booked. Please cancel it first, then leave."),
    "card_holds_money": lazy("There is still money on your card, or a debt. A desk pays it out; then you can leave."),
    "card_transition_not_allowed": lazy("The card's state does not allow this. Please ask at a desk."),
    "helping_not_found": lazy("This help has ended already."),
    "helps_already": lazy("You help this person already."),
    "key_missing": lazy("The app sent the request without its key. Please update the app."),
    "key_reused": lazy("This request was sent before with other content. Please begin it anew."),
    "too_many_requests": lazy("These were too many requests. Please wait %(wait_seconds)s seconds and try again."),
    "not_their_helper": lazy("This person has not let you do that. Please ask them for a new code."),
    "person_to_choose": lazy("Several people share this number. Please choose who you are."),
    "phone_code_refused": lazy("The code is wrong or too old. Please ask for a new one."),
    "roles_held": lazy("You work here. Please let your roles be taken back first."),
    "token_refused": lazy("You are signed out here. Please sign in again."),
}
