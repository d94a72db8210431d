"""Sentences for the refusals that a pilgrim meets in the app alone."""

from flask_babel import lazy_gettext as lazy

SENTENCES = {
    "card_transition_not_allowed": lazy("The card's state does not allow this. Please ask at a desk."),
    "key_missing": lazy("The app sent the request without its key. Please update the app."),
    "key_reused": lazy("This request was sent before with other content. Please begin it anew."),
    "too_many_requests": lazy("That was too often. Please wait %(wait_seconds)s seconds and try again."),
    "person_to_choose": lazy("Several people share this number. Please choose who you are."),
    "phone_code_refused": lazy("The code is wrong or too old. Please ask for a new one."),
    "token_refused": lazy("You are signed out here. Please sign in again."),
}
