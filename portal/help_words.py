"""Words of help cards: what one may show, and what came of a terminal's asking."""

from flask_babel import lazy_gettext as lazy

SHOWS = {
    "name": lazy("What I am called"),
    "language": lazy("The language I speak"),
    "lodging": lazy("Where I stay"),
    "leader": lazy("Whom to call, with the number"),
    "alert": lazy("Medical alert"),
}
OUTCOMES = {
    "shown": (lazy("Shown"), "good", "eye"),
    "refused": (lazy("Not shown"), "calm", "ban"),
    "too_often": (lazy("Stopped: asked too often"), "bad", "alert-triangle"),
}
LANGUAGES = {"fa": lazy("Persian"), "ar": lazy("Arabic"), "ur": lazy("Urdu"), "en": lazy("English")}
ANSWERS = {
    "refused": lazy("The holder shows no help card. Please take them to the lost and found office."),
    "too_often": lazy("This till has asked for too many help cards. Please call the platform's operator."),
}
