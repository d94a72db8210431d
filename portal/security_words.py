"""Words and sentences of how an account is protected."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

BROWSERS = {
    "chrome": "Chrome", "edge": "Edge", "firefox": "Firefox", "opera": "Opera", "safari": "Safari", "samsung": "Samsung Internet",
}  # fmt: skip
SYSTEMS = {
    "android": "Android", "ipad": "iPad", "iphone": "iPhone", "linux": "Linux", "macos": "macOS", "windows": "Windows",
}  # fmt: skip

NOTICES = {
    "authenticator_added": (lazy("An authenticator was added."), "shield-check"),
    "authenticator_removed": (lazy("The authenticator was taken off."), "alert-triangle"),
    "authenticator_reset": (lazy("The operator took your authenticator off. Add a new one."), "alert-triangle"),
    "mobile_changed": (lazy("The mobile number was changed."), "device-mobile"),
    "password_changed": (lazy("The password was changed."), "lock"),
    "recovery_code_used": (lazy("Somebody signed in with a recovery code."), "alert-triangle"),
    "recovery_codes_renewed": (lazy("New recovery codes were made."), "refresh"),
    "sessions_ended": (lazy("The operator ended all your sessions."), "logout"),
}

SENTENCES = {
    "already_member": lazy("You hold this role there already."),
    "last_owner": lazy("Nobody else could act for the organisation then. Invite another person with the same role for all of it first."),
    "too_many_invitations": lazy("%(most)s people were invited within a day. Please go on tomorrow."),
    "membership_not_found": lazy("There is no such person or invitation among yours."),
    "mobile_taken.signs_in": lazy("Somebody signs in under the mobile number of this invitation. If it is you, sign in first and give the code again."),
    "coming_not_found": lazy("Nobody is expected here, or they are on record by now. Search for the pilgrim among the customers."),
    "day_of_birth_missing": lazy("No day of birth is on record. Enter it as the passport says it; who signs in is asked for it."),
    "document_sign_in_refused": lazy("Passport, day of birth and code do not belong together, or the code is older than a day. A desk gives you a new one."),
    "document_taken.at_desk": lazy("Somebody is on record with this document already. Open that person instead."),
    "person_known": lazy("Somebody is on record with this number. If it is another person who shares it, tick the box and send again."),
    "unknown_document_kind": lazy("Choose a document of the list."),
    "wrong_day_of_arrival": lazy("Enter the day of arrival, today or within a year."),
    "wrong_day_of_birth": lazy("Enter the day of birth as the passport says it, or the two printed lines."),
    "wrong_passport_country": lazy("Write the country as three letters, for example IRQ."),
    "wrong_passport_number.birth": lazy("The digits of the birth date do not fit their check digit. Read the second printed line again."),
    "wrong_passport_number.character": lazy("The printed lines hold only capitals, digits and <. Read the second line again."),
    "wrong_passport_number.composite": lazy("The last check digit does not fit the line. Read the second printed line again."),
    "wrong_passport_number.date": lazy("One of the dates in the printed lines does not exist. Read the second line again."),
    "wrong_passport_number.expired": lazy("This passport has expired. Ask for a valid document."),
    "wrong_passport_number.expires": lazy("The digits of the last day do not fit their check digit. Read the second printed line again."),
    "wrong_passport_number.number": lazy("The passport number does not fit its check digit. Read the second printed line again."),
    "wrong_passport_number.personal_number": lazy("The personal number does not fit its check digit. Read the second printed line again."),
    "role_not_given": lazy("Choose a role of the list."),
    "wrong_contact": lazy("Write a mobile number such as 09151234567, or an e-mail address."),
    "authenticator_in_use": lazy("Your account has an authenticator already. Take it off first if you want another one."),
    "authenticator_required": lazy("Your role needs an authenticator, so it cannot be taken off. If you change telephones, ask the operator to reset it."),
    "one_time_code_refused": lazy("This code is wrong, too old or used already. Wait for the next one in your app and type its six digits."),
    "same_password": lazy("This is your present password. Choose another one."),
    "second_step_missing": lazy("Your role works only with an authenticator. Add one on your account page."),
    "second_step_over": lazy("Too much time has passed since you typed your password. Please sign in again."),
    "sign_in_not_found": lazy("Nobody signs in with this name. Please read it again."),
    "session_not_found": lazy("This session has ended already."),
}  # fmt: skip


def device(word: str) -> str:
    """`firefox/android` → `Firefox on Android`."""
    browser, _slash, system = word.partition("/")
    if browser in BROWSERS and system in SYSTEMS:
        return _("%(browser)s on %(system)s", browser=BROWSERS[browser], system=SYSTEMS[system])
    return BROWSERS.get(browser) or SYSTEMS.get(system) or _("Unknown device")
