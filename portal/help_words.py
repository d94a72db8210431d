"""Words of help cards: what one may show, and what came of a terminal's asking."""

from flask_babel import lazy_gettext as lazy

SHOWS = {
    "name": lazy("What people call me"),
    "language": lazy("The language I speak"),
    "lodging": lazy("Where I stay"),
    "leader": lazy("Who to call, with the number"),
    "alert": lazy("Medical alert"),
}
OUTCOMES = {
    "shown": (lazy("Shown"), "good", "eye"),
    "refused": (lazy("Not shown"), "calm", "ban"),
    "too_often": (lazy("Stopped: asked too often"), "bad", "alert-triangle"),
}
WAYS = {"sms": lazy("By SMS to"), "email": lazy("By e-mail to"), "app": lazy("In the app")}
# Of a message, or of the app.
TOLD = {
    "seen": (lazy("They have seen it"), "good", "eye"),
    "delivered": (lazy("Delivered"), "good", "circle-check"),
    "sent": (lazy("On its way"), "calm", "clock"),
    "waiting": (lazy("On its way"), "calm", "clock"),
    "unseen": (lazy("Not seen yet"), "warn", "hourglass"),
    "failed": (lazy("Did not arrive"), "bad", "alert-triangle"),
    "expired": (lazy("Did not arrive"), "bad", "alert-triangle"),
    "refused": (lazy("Did not arrive"), "bad", "alert-triangle"),
}
LANGUAGES = {"fa": lazy("Persian"), "ar": lazy("Arabic"), "ur": lazy("Urdu"), "en": lazy("English")}
ANSWERS = {
    "refused": lazy("The holder shows no help card. Please take them to the lost and found office."),
    "too_often": lazy("This till has asked for too many help cards. Please call the platform's operator."),
}
