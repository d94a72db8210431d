"""Words and sentences of what a municipality does: zones, works notices and campaigns. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

WORKS = {
    "road": (lazy("Road closed or dug up"), "car"),
    "station": (lazy("Station closed"), "train"),
    "water": (lazy("Water cut"), "alert-triangle"),
    "power": (lazy("Power cut"), "activity"),
    "gate": (lazy("Gate closed"), "door-enter"),
    "other": (lazy("Something else in the way"), "info-circle"),
}

SEVERITIES = {
    "little": (lazy("A small hindrance"), "calm", "info-circle"),
    "much": (lazy("Allow more time"), "warn", "clock"),
    "closed": (lazy("No way through"), "bad", "ban"),
}

CAMPAIGNS = {
    "coming": (lazy("Begins soon"), "calm", "clock"),
    "running": (lazy("Running"), "good", "circle-check"),
    "over": (lazy("Over"), "calm", "history"),
    "called_off": (lazy("Called off"), "bad", "ban"),
}

SENTENCES = {
    "campaign_begun": lazy("It has begun: a shop that takes part stays in it until the end."),
    "campaign_not_found": lazy("There is no such campaign for you, or it is over already."),
    "works_not_found": lazy("There is no such notice, or it is over already."),
    "wrong_campaign.ends_on": lazy(
        "The last day is not before the first, and at most %(most)s days go on. Write it as year/month/day."
    ),
    "wrong_campaign.kind": lazy("Choose a kind of shop of the list, or leave it to all."),
    "wrong_campaign.long": lazy("At most %(most)s letters, please."),
    "wrong_campaign.none": lazy("Write this in Persian; the other languages may stay empty."),
    "wrong_campaign.starts_on": lazy("The first day is today or within %(most)s days. Write it as year/month/day."),
    "wrong_campaign.zone": lazy("This zone is not in your city. Choose one of the list."),
    "wrong_works.begins": lazy("Write the day as year/month/day and the hour as 14:30, or leave it empty for now."),
    "wrong_works.far": lazy("It begins within %(most)s days."),
    "wrong_works.elsewhere": lazy(
        "This place or zone is not in your city. Choose a zone of the list, or open the place's page and choose “Works here”."
    ),
    "wrong_works.ends": lazy("Write until when: a day after the beginning and after now, within a year, as year/month/day 14:30."),
    "wrong_works.kind": lazy("Choose what it is."),
    "wrong_works.long": lazy("A text has at most %(most)s letters."),
    "wrong_works.none": lazy("Write in Persian what is closed and how one gets around it; the other languages may stay empty."),
    "wrong_works.severity": lazy("Choose how much it hinders."),
    "wrong_works.where": lazy("Choose a zone or keep the place, not both."),
    "wrong_outline.crossing": lazy(
        "At corner %(corner)s the outline crosses itself. Put the corners in the order in which one walks around the zone."
    ),
    "wrong_outline.few": lazy("An outline has at least three corners."),
    "wrong_outline.holes": lazy(
        "An outline is one ring, without holes. Draw what is inside as a zone of its own: the smaller one counts."
    ),
    "wrong_outline.kind": lazy("Paste one Polygon, or a Feature of one."),
    "wrong_outline.many": lazy("An outline has at most %(most)s corners. Leave some out."),
    "wrong_outline.none": lazy("Draw the outline on the map, or write its corners."),
    "wrong_outline.unreadable": lazy(
        "The outline cannot be read. Write a corner a line as 36.28800, 59.61570 (latitude, then longitude), or paste GeoJSON."
    ),
    "zone_changed_meanwhile": lazy(
        "Somebody else changed this zone meanwhile. Load the page again and make your change to what stands now."
    ),
    "zone_not_found": lazy("There is no such zone in your city."),
    "zone_overlaps": lazy("The outline cuts into a neighbouring zone. Move the corners, or tick that it is meant."),
}
