"""Words and sentences of groups of customers and of letters, for the codes of `loyalty.groups` and `loyalty.letters`."""

from flask_babel import lazy_gettext as lazy

EMAIL_SENTENCES = {
    "wrong_email": lazy("An e-mail address looks like zahra@example.org, in Latin letters."),
    "email_closed": lazy("No e-mail leaves this platform yet. Please use your mobile number."),
    "email_code_refused": lazy("The code is wrong or too old. Please look at the newest e-mail, or ask for a new code."),
    "too_many_email_codes": lazy("Codes were asked for too often. Please wait %(minutes)s minutes and try again."),
    "email_not_confirmed": lazy("Please confirm an e-mail address first."),
}

COLUMNS = {"called": lazy("Name and family name"), "mobile": lazy("Mobile number")}

LANGUAGES = {"fa": lazy("Persian"), "en": lazy("English"), "ar": lazy("Arabic"), "ur": lazy("Urdu")}

LETTER_STATES = {
    "proposed": (lazy("Waits for a second person"), "warn", "clock"),
    "scheduled": (lazy("Leaves in time"), "calm", "clock"),
    "sending": (lazy("Leaving now"), "calm", "transfer"),
    "done": (lazy("Has left"), "good", "circle-check"),
    "stopped": (lazy("Stopped"), "bad", "ban"),
    "refused": (lazy("Refused"), "bad", "circle-x"),
}

# What became of recipients: of the message, or before there was one.
FATES = {
    "due": lazy("Not written to yet"),
    "waiting": lazy("Waiting"),
    "sent": lazy("Sent"),
    "delivered": lazy("Delivered"),
    "failed": lazy("Not delivered"),
    "refused": lazy("Wants no offers"),
    "expired": lazy("Kept back"),
    "left_out": lazy("Ended their agreement"),
    "stopped": lazy("Kept back"),
    "written": lazy("Sent, and no longer kept"),
}

CHANNELS = {
    "chosen": (lazy("As each reader has chosen"), "users-group"),
    "sms": (lazy("SMS"), "device-mobile"),
    "email": (lazy("E-mail"), "mail"),
}

# Mail programs report nothing after they took a letter, so it is not called delivered.
MAIL_SENT = lazy("Handed over")

PURPOSES = {"offer": lazy("Offer: not at night, not to who wants none"), "service": lazy("News of the card itself")}

SENTENCES = {
    **EMAIL_SENTENCES,
    "customer_group_name_taken": lazy("Another group has this name. Choose a different one."),
    "customer_group_not_found": lazy("There is no such group any more."),
    "group_is_asked": lazy("This group answers a question and finds its people by itself."),
    "group_list_not_found": lazy("There is no such list."),
    "in_group_already": lazy("This number is in the group already, or stands in the list twice. Leave the row out."),
    "letter_is_over": lazy("This letter has left already, or was stopped."),
    "letter_link_not_ours": lazy("This link was cut short. Please open it from the e-mail again, or end letters under “Who may write to me”."),
    "letter_not_found": lazy("There is no such letter."),
    "nobody_to_write_to": lazy("Nobody of this group lets you write to them yet. They allow it under “Who may write to me”."),
    "own_letter": lazy("Nobody lets their own letter leave. A second person must look at it."),
    "wrong_customer_group.called": lazy("A name has at most %(most)s letters."),
    "wrong_customer_group.city": lazy("Choose a city of the list."),
    "wrong_customer_group.days": lazy("The number of days is a whole number from 1 to %(most)s."),
    "wrong_customer_group.language": lazy("Choose a language of the list."),
    "wrong_customer_group.name": lazy("A group has a name of 2 to %(most)s letters."),
    "wrong_customer_group.product": lazy("Choose a kind of card of the list."),
    "wrong_customer_group.visits": lazy("The number of times is a whole number from 1 to %(most)s."),
    "wrong_letter.channel": lazy("Choose how it is sent."),
    "wrong_letter.far": lazy("A letter leaves within 90 days."),
    "wrong_letter.key": lazy("This form was sent before. Please load the page again."),
    "wrong_letter.long": lazy("A text has at most %(most)s letters."),
    "wrong_letter.no_day": lazy("Write the day as year/month/day, for example 1406/06/31."),
    "wrong_letter.no_subject": lazy("Write a subject in Persian; an e-mail has one."),
    "wrong_letter.nobody": lazy("Nobody with a card has this number or has confirmed this address."),
    "wrong_letter.none": lazy("Write the text in Persian; the other languages may stay empty."),
    "wrong_letter.purpose": lazy("Choose what kind of letter it is."),
    "wrong_letter.send_at": lazy("Choose an hour of the list."),
}  # fmt: skip
