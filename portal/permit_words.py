"""Words and sentences of permits. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

KINDS = {
    "stall": lazy("Street stall"),
    "pavement": lazy("Use of the pavement"),
    "station": lazy("Ceremony station (mawkib)"),
    "market": lazy("Market for some days"),
    "signage": lazy("Sign on a building"),
}

STATES = {
    "asked": (lazy("Asked for"), "calm", "clock"),
    "granted": (lazy("Granted"), "good", "circle-check"),
    "refused": (lazy("Refused"), "bad", "circle-x"),
    "withdrawn": (lazy("Withdrawn"), "bad", "ban"),
    "given_up": (lazy("Given up"), "warn", "x"),
}

# What anybody learns who reads the code on a paper.
STANDINGS = {
    "valid": (lazy("Valid"), "good", "circle-check"),
    "later": (lazy("Not valid yet"), "warn", "clock"),
    "over": (lazy("Not valid any more"), "bad", "hourglass"),
    "withdrawn": (lazy("Withdrawn: not valid"), "bad", "ban"),
    "not_granted": (lazy("Not valid: it was not granted"), "bad", "circle-x"),
}

SENTENCES = {
    "permit_decided": lazy("This was decided or given up meanwhile. The page shows how it stands now."),
    "permit_incomplete.conditions": lazy("Conditions have at most %(most)s letters."),
    "permit_incomplete.ends_on": lazy("The last day comes after the first one, within three years: year/month/day."),
    "permit_incomplete.kind": lazy("Choose what you ask for."),
    "permit_incomplete.spot": lazy("Write where exactly, in up to %(most)s letters."),
    "permit_incomplete.starts_on": lazy("The first day is today or later, within a year: year/month/day."),
    "permit_incomplete.where": lazy("Choose one of your branches or a city of the list."),
    "permit_incomplete.why": lazy("Write why, in up to %(most)s letters: who asked reads it."),
    "permit_incomplete.words": lazy("Write what it is for, in up to %(most)s letters."),
    "permit_is_past": lazy("Its last day is over. Refuse it, so that a new one can be asked for."),
    "permit_not_found": lazy("There is no such permit."),
    "permit_papers_full": lazy("A request has at most %(most)s papers."),
}
