"""Words and sentences of lodging, bookings and waiting lists. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

KINDS = {
    "hotel": lazy("Hotel"),
    "apartment": lazy("Apartment hotel"),
    "guesthouse": lazy("Guest house"),
    "hostel": lazy("Pilgrims' hostel"),
}
LETS = {"room": lazy("Room"), "bed": lazy("Bed")}
FOR_WHOM = {
    "anyone": lazy("For everybody"),
    "men": lazy("For men"),
    "women": lazy("For women"),
    "family": lazy("For families"),
}
PROGRAMME_KINDS = {
    "meal": lazy("Meal of the shrine"),
    "night": lazy("Night at the shrine"),
    "ceremony": lazy("Ceremony"),
    "tour": lazy("Group tour"),
}
POOLS = {
    "men": lazy("Men"),
    "women": lazy("Women"),
    "family": lazy("Families"),
    "accessible": lazy("Wheelchair places"),
}
STATES = {
    "held": (lazy("Kept, not paid yet"), "warn", "hourglass"),
    "confirmed": (lazy("Booked"), "good", "circle-check"),
    "arrived": (lazy("Staying"), "calm", "bed"),
    "left": (lazy("Left"), "calm", "circle-check"),
    "cancelled": (lazy("Cancelled"), "bad", "ban"),
    "expired": (lazy("Not paid in time"), "bad", "clock-pause"),
    "no_show": (lazy("Did not come"), "bad", "circle-x"),
}
FINDINGS = {
    "fine": (lazy("Let in"), "good", "circle-check"),
    "old": (lazy("Let in by a list that was too old"), "warn", "hourglass"),
    "double": (lazy("Came in before"), "bad", "alert-triangle"),
    "cancelled": (lazy("No valid booking"), "bad", "ban"),
    "early": (lazy("Too early"), "bad", "clock"),
    "unknown": (lazy("No such pass here"), "bad", "circle-x"),
}
SHEET_STATES = {
    "handed_in": (lazy("Waits for a decision"), "warn", "hourglass"),
    "approved": (lazy("Approved"), "good", "circle-check"),
    "refused": (lazy("Refused"), "bad", "circle-x"),
}
WAITING_STATES = {
    "waiting": (lazy("Waiting"), "warn", "hourglass"),
    "offered": (lazy("Offered to you"), "good", "gift"),
}
BARS = {
    "closed": lazy("The house takes no bookings now"),
    "no_licence": lazy("No valid licence"),
    "no_rate": lazy("No approved price"),
    "no_ceiling": lazy("No ceiling set"),
    "above_ceiling": lazy("Price above the ceiling"),
}

NOT_FOUND = lazy("We did not find what you are looking for.")
SENTENCES = {
    "lodging_not_found": NOT_FOUND,
    "lodging_class_not_found": NOT_FOUND,
    "rate_sheet_not_found": NOT_FOUND,
    "lodging_licence_not_found": NOT_FOUND,
    "booking_not_found": lazy("There is no such booking here. Please look at the number again."),
    "waiting_not_found": NOT_FOUND,
    "shrine_programme_not_found": NOT_FOUND,
    "wrong_nights.order": lazy("The day of leaving must be after the day of arrival."),
    "wrong_nights.past": lazy("The day of arrival is over. Please choose today or a later day."),
    "wrong_nights.many": lazy("At most %(most)s nights at once. Please choose fewer."),
    "wrong_nights.far": lazy("At most %(most)s days ahead can be booked. Please choose an earlier day."),
    "wrong_nights.dates": lazy("The last day comes after the first one, and at most %(most)s days are planned at once."),
    "wrong_nights.lunar": lazy(
        "This is a year of the moon. Please write the day by the year of the sun, for example 1405/09/10, or as 2026-12-01."
    ),
    "wrong_count": lazy("This number is not possible. Please enter a whole number up to %(most)s."),
    "name_needed": lazy("Please enter a name or number of at most %(most)s letters."),
    "unit_code_taken": lazy("Another room of the house has this number. Please choose another."),
    "unknown_lodging_kind": lazy("Please choose from the list."),
    "no_authority": lazy("No union and no municipality answers for this house. Please ask the platform's operator."),
    "rate_above_ceiling": lazy(
        "%(rate_rial)s Rial is above the ceiling of %(ceiling_rial)s Rial for the night of %(day)s. Please lower it."
    ),
    "no_ceiling": lazy("The union has set no ceiling for the night of %(day)s yet. Please ask for one, or leave that night out."),
    "rate_sheet_decided": lazy("This sheet was decided a moment before."),
    "rate_sheet_empty": lazy("Please enter at least one price."),
    "booking_reason_needed": lazy("Please write why, in at most %(most)s letters."),
    "not_bookable.closed": lazy("The house takes no bookings now. Please choose another."),
    "not_bookable.no_licence": lazy(
        "The house has no licence for the night of %(day)s. Please choose other days or another house."
    ),
    "not_bookable.no_rate": lazy("There is no approved price for the night of %(day)s. Please choose other days or another house."),
    "not_bookable.no_ceiling": lazy(
        "There is no approved price for the night of %(day)s. Please choose other days or another house."
    ),
    "not_bookable.above_ceiling": lazy(
        "The price for the night of %(day)s is above the union's ceiling, so it cannot be sold. Please choose other days or another house."
    ),
    "party_does_not_fit.men": lazy("Only men sleep there. Please choose another room for the women."),
    "party_does_not_fit.women": lazy("Only women sleep there. Please choose another room for the men."),
    "party_does_not_fit.family": lazy("Only families sleep there. Please choose another room."),
    "party_does_not_fit.room": lazy("So many people do not fit. Please take more rooms or a larger one."),
    "party_does_not_fit.beds": lazy("Each person takes one bed. Please ask for as many beds as people."),
    "party_does_not_fit.seats": lazy("Each person takes one seat. Please ask for as many seats as people."),
    "party_does_not_fit.empty": lazy("Please say how many people come."),
    "fully_booked": lazy("Not enough is free any more: %(free)s left, %(asked)s asked for. Choose something else, or wait for it."),
    "others_wait": lazy("What is free is for people who have waited for it. You can join the line."),
    "too_many_holds": lazy("You have %(most)s unpaid bookings. Please pay or cancel one first."),
    "other_booking": lazy("This form was sent already with other facts. Please load the page again."),
    "hold_has_ended": lazy("The time to pay was over and the places are free again. Please book anew; nothing was charged."),
    "nothing_due": lazy("Nothing is due: this booking is paid."),
    "booking_in_other_state": lazy("The booking has changed meanwhile, so this is not possible any more."),
    "booking_moved": lazy("Somebody changed the room a moment before. Please look at the booking again."),
    "too_early": lazy("This is possible from %(day)s on."),
    "rest_is_due": lazy("%(rest_rial)s Rial are still to be paid: by card on this page, or tick that the desk took the cash."),
    "pass_refused": lazy("This is no pass number or pass code. Please read the nine digits again."),
    "pass_ran_out": lazy(
        "This code was drawn at %(made_at)s and has run out: a picture opens no door. Please ask for the code that the app shows now."
    ),
    "turn_taken": lazy("One of the guests had a turn already; the next is possible from %(day)s on."),
    "waits_already": lazy("You wait for these days already. Your place in the line stands under My bookings."),
    "nothing_to_wait_for.free": lazy("This is free: you can book it now."),
    "nothing_to_wait_for.never": lazy(
        "The house has only %(most)s of these, so waiting would not help. Please choose something else."
    ),
    "programme_called_off": lazy(
        "This date does not take place. What was paid for it is back on the card; please choose another date."
    ),
    "programme_without_shop": lazy("Only a house or a travel agency can be paid for a programme. Please leave the prices empty."),
    "person_unknown.line": lazy(
        "Line %(line)s is no national id and no passport. Write ten digits, or the country and the number, for example IRQ A1234567."
    ),
    "person_unknown.twice": lazy("Line %(line)s names somebody for the second time. Please name each guest once."),
    "person_unknown.count": lazy(
        "%(people)s people come and %(known)s are named. Please enter the national id or passport of each guest."
    ),
    "person_unknown": lazy("Please enter the national id or passport of each guest: everybody has one turn."),
    "entry_refused.none": lazy("The card's holder has booked nothing."),
    "entry_refused.other_door": lazy("The booking is not here but at: %(names)s."),
    "entry_refused.other_day": lazy("The booking is for %(day)s."),
    "entry_refused.moved": lazy(
        "The date moved with the moon after this pass was printed: it begins on %(day)s at %(at)s. The print counts then, too."
    ),
    "entry_refused.moved_over": lazy(
        "The date moved with the moon after this pass was printed: it began on %(day)s at %(at)s and is over."
    ),
    "entry_refused.early": lazy("It is too early: the doors open at %(at)s."),
    "entry_refused.in_already": lazy("Came in at %(at)s already."),
    "entry_refused.too_many": lazy("Only %(left)s more may come in. Please enter a smaller number, or leave it empty."),
    "entry_refused.cancelled": lazy("This booking was cancelled."),
    "entry_refused.unpaid": lazy("%(rest_rial)s Rial are still to be paid. Please take them at the front desk first."),
    "entry_refused.over": lazy("The time of this booking is over."),
    "other_entry": lazy("This form was sent already with other facts. Please load the page again."),
    "help_field_needed.long": lazy("This text is too long: at most %(most)s letters."),
    "help_field_needed.called": lazy("Please write what the person is called, in at most %(most)s letters."),
    "help_field_needed.agree": lazy("Nothing is shown without a yes: please tick that you agree."),
    "help_field_needed.shows": lazy("Please tick at least one thing that may be shown."),
    "help_field_needed.leader": lazy("Please write the name and the mobile number of whom to call, or take the tick away."),
    "help_field_needed.alert": lazy("Please write the medical alert, or take its tick away."),
    "no_door": lazy("No terminal stands at this door. Please open a web till for the house, or let in by the pass."),
    "door_unknown": lazy("No active terminal has this number. Please read it again; it stands on the terminal's page."),
    "door_taken": lazy("This terminal stands at another organisation's door. Please choose another."),
    "wrong_door_list": lazy("Line %(line)s of the door's list cannot be read. Please send the file as the door wrote it."),
}
