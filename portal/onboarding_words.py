"""Words and sentences of shops' files. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

STATES = {
    "applied": (lazy("Being filled in"), "calm", "clock"),
    "returned": (lazy("Returned for completion"), "warn", "arrow-back-up"),
    "union_review": (lazy("With the union"), "calm", "hourglass"),
    "municipality_review": (lazy("With the municipality"), "calm", "building-community"),
    "active": (lazy("Active"), "good", "circle-check"),
    "suspended": (lazy("Suspended"), "warn", "clock-pause"),
    "closed": (lazy("Closed"), "bad", "ban"),
}

DUES = {
    "met": (lazy("Given"), "good", "circle-check"),
    "now": (lazy("Due now"), "warn", "clock"),
    "later": (lazy("Due later"), "calm", "calendar"),
    "past": (lazy("Past due"), "bad", "alert-triangle"),
}

PIECES = {
    "shop_name": lazy("Shop name"),
    "trade": lazy("Trade"),
    "tax_code": lazy("Tax tracking code"),
    "licence": lazy("Guild licence"),
    "sheba": lazy("Sheba"),
    "address": lazy("Address"),
    "position": lazy("Position on the map"),
    "identity_paper": lazy("Picture of the identity document"),
    "licence_paper": lazy("Picture of the guild licence"),
    "contract": lazy("Contract"),
}

ACTS = {
    "hand_in": lazy("Handed in"),
    "approve": lazy("Approved"),
    "return": lazy("Returned"),
    "suspend": lazy("Suspended"),
    "resume": lazy("Let work again"),
    "close": lazy("Closed"),
}

ACT_BUTTONS = {
    "approve": lazy("Approve"),
    "return": lazy("Return for completion"),
    "suspend": lazy("Suspend the shop"),
    "resume": lazy("Let it work again"),
    "close": lazy("Close the file"),
}

IDENTITY_KINDS = {
    "national_id": lazy("National id"),
    "foreign_code": lazy("Universal code of foreigners"),
    "passport": lazy("Passport"),
}

COLUMNS = {
    "name_fa": lazy("Shop name"),
    "legal_name": lazy("Licence holder"),
    "national_id": lazy("National id"),
    "mobile": lazy("Mobile number"),
    "trade": lazy("Trade"),
    "tax_code": lazy("Tax tracking code"),
    "licence_number": lazy("Guild licence id"),
    "licence_expires_on": lazy("Licence ends"),
    "sheba": lazy("Sheba"),
    "address": lazy("Address"),
    "lat": lazy("Latitude"),
    "lon": lazy("Longitude"),
}

# By code, or by code and fault where the remedy differs.
SENTENCES = {
    "address_too_short": lazy("Write the full address, with street and number: %(least)s to %(most)s letters."),
    "already_decided": lazy("%(by)s decided on this file a moment before you (%(act)s). Load the page to see where it stands now."),
    "already_signs_in": lazy("This person signs in already and needs no invitation."),
    "application_not_found": lazy("There is no such file among yours."),
    "code_refused": lazy("This code is unknown, used or too old. Ask for a new one."),
    "decision_not_possible": lazy("The file has moved on. Load the page to see where it stands now."),
    "device_decided": lazy("Somebody decided on this device before, or it has waited too long. Load the page to see where it stands now."),
    "document_taken": lazy("Somebody is on record with this document. If it is you, sign in and begin the file there."),
    "far_from_city": lazy("This point lies more than %(most_km)s km from the city. Check that latitude and longitude are not swapped."),
    "import_not_found": lazy("There is no such list among yours."),
    "licence_has_expired": lazy("This licence has ended. Have your union renew it and enter the new day."),
    "list_has_faults": lazy("%(faults)s cells are still wrong, so nothing has been imported. Correct them and try again."),
    "list_not_readable": lazy("This file is neither CSV nor XLSX. Save the list as one of them and send it again."),
    "list_not_readable.empty": lazy("Under the heading row there is no line. Add them and send the list again."),
    "list_not_readable.heading": lazy("The first row does not name the columns. Use the headings of the sample list, each once."),
    "list_too_long": lazy("A list holds at most %(most)s lines. Split it and send the parts one after the other."),
    "mobile_taken": lazy("Somebody is on record with this mobile number. Sign in with that account, or give another number."),
    "name_missing": lazy("Write the name in letters, 2 to %(most)s of them."),
    "not_your_turn": lazy("Another organisation decides on this file now."),
    "nothing_asked": lazy("Tick at least one piece that the shop has to give again."),
    "on_record_already": lazy("Somebody is on record with this already. Read it again from the document, or leave the row out."),
    "twice_in_list": lazy("Row %(row)s has the same. Correct one of the two, or leave one out."),
    "number_taken": lazy("Another file has this number. Read it again from the document; if it is right, ask your union."),
    "own_file": lazy("Nobody decides on the file of their own shop. Ask a colleague."),
    "paper_is_empty": lazy("Choose a file first."),
    "paper_not_found": lazy("There is no such document."),
    "paper_of_unknown_type": lazy("This file is neither PDF, JPEG nor PNG. Save it as one of them and upload it again."),
    "paper_too_large": lazy("This file is larger than 5 MB. Make the picture smaller and upload it again."),
    "password_too_short": lazy("Choose a password of at least %(least)s letters or digits."),
    "piece_not_open": lazy("This part of the file cannot be changed now."),
    "pieces_missing": lazy("Some pieces are still missing. They are marked in the list."),
    "reason_missing": lazy("Say in one sentence why, up to %(most)s letters. The shop reads it."),
    "second_person_needed": lazy("You issued its code, so a colleague or the operator lets it in."),
    "set_up_not_found": lazy("No device waits under this number. Ask for a new code and set it up again."),
    "set_up_refused": lazy("The device was refused, or another one works in its place. Ask for a new code and set it up again."),
    "sheba_in_another_name": lazy("The account is in another name than the file (%(expected)s). Give an account of your own."),
    "sign_in_name_taken": lazy("Somebody signs in with this name. Choose another one."),
    "unknown_trade": lazy("Choose a trade of the list."),
    "wrong_day.none": lazy("That month has only %(last)s days. Write a day that there is."),
    "wrong_day": lazy("Write the day as year/month/day, for example 1406/06/31."),
    "wrong_device_key": lazy("The device's request is not one of a P-256 key. Bring its software up to date and set it up again."),
    "wrong_foreign_code": lazy("The universal code has 10 to 16 digits. Read it again from the card."),
    "wrong_legal_id": lazy("A company's legal id has 11 digits. Read it again from the register."),
    "wrong_legal_id.check_digit": lazy("The last digit does not fit the others. Read the legal id again from the register."),
    "wrong_licence_number": lazy("The guild licence id has 10 digits. Read it again from the licence."),
    "wrong_mobile_number": lazy("A mobile number looks like 09151234567, or +964 and so on for foreign ones."),
    "wrong_national_id": lazy("A national id has 10 digits. Read it again from the card."),
    "wrong_national_id.check_digit": lazy("The last digit does not fit the others. Read the national id again from the card."),
    "wrong_passport_number": lazy("A passport number has 5 to 9 capitals and digits. Read it again from the passport."),
    "wrong_position": lazy("Click on the map, or write two numbers such as 36.2880 and 59.6157."),
    "wrong_sheba": lazy("A Sheba is IR and 24 digits. Read it again from your bank's page."),
    "wrong_sheba.check_digits": lazy("The check digits do not fit. Read the Sheba again from your bank's page."),
    "wrong_sheba.bank": lazy("No bank has this Sheba. Read it again from your bank's page."),
    "wrong_tax_code": lazy("The tax tracking code has 10 digits. Read it again from the tax file."),
}  # fmt: skip

FIELD_SENTENCES = {
    "city_id": lazy("Choose a city of the list."),
    "name": lazy("Choose a name of 3 to 80 letters."),
    "branch": lazy("Choose a branch of the list."),
    "called": lazy("Write the name in letters, 2 to 80 of them."),
    "why": lazy("Say in one sentence why, up to 200 letters."),
    "passport_country": lazy("Write the country as three letters, for example IRQ."),
}
