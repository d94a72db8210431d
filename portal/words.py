"""Sentences and words for the codes of the core. The core states facts; here they become what a person reads."""

from datetime import date, datetime

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel.speaklater import LazyString

from cardbank.cards.rules import CardStatus
from cardbank.ledger.types import AccountKind, EntryKind
from cardbank.reasons import Reason
from cardbank.statements import StatementLine
from kernel.languages import in_language
from merchants.onboarding.services.issuing import DeviceKind
from portal import (
    api_words,
    asking_words,
    batch_words,
    benefit_words,
    branch_words,
    card_words,
    cash_words,
    commission_words,
    complaint_words,
    directory_words,
    due_words,
    family_words,
    field_words,
    formats,
    gift_words,
    giving_words,
    goods_words,
    inspection_words,
    instalment_words,
    letter_words,
    municipality_words,
    onboarding_words,
    order_words,
    outage_words,
    permit_words,
    place_words,
    quota_words,
    report_words,
    security_words,
    settlement_words,
    stay_words,
    till_words,
    webhook_words,
)
from portal.reckoning import reckoning

REASONS = {
    Reason.APPROVED: lazy("Accepted"),
    Reason.APPROVED_PARTIALLY: lazy("Accepted in part"),
    Reason.ALREADY_REVERSED: lazy("Already reversed"),
    Reason.NOTHING_TO_REVERSE: lazy("Nothing to reverse"),
    Reason.TERMINAL_BATCH_CLOSED: lazy("Batch closed"),
    Reason.INVALID_SHOP: lazy("Shop not open for cards"),
    Reason.INVALID_TRANSACTION: lazy("Not a valid transaction"),
    Reason.INVALID_CURRENCY: lazy("Wrong currency"),
    Reason.QUOTE_UNKNOWN: lazy("Instalments were not agreed for this card"),
    Reason.QUOTE_EXPIRED: lazy("The offer of instalments has expired"),
    Reason.QUOTE_USED: lazy("The offer of instalments is used already"),
    Reason.INVALID_AMOUNT: lazy("Wrong amount"),
    Reason.CREDIT_EXCEEDS_AMOUNT: lazy("More credit asked for than the price"),
    Reason.ENROLMENT_IDENTITY_WRONG: lazy("Something in the form is wrong"),
    Reason.ENROLMENT_WITHOUT_CONSENT: lazy("The holder has not agreed"),
    Reason.ENROLMENT_PERSON_KNOWN: lazy("This person is on record already"),
    Reason.ENROLMENT_EXPIRED: lazy("Not confirmed in time"),
    Reason.ENTRY_REFUSED: lazy("Not let in"),
    Reason.HELP_NOT_ALLOWED: lazy("No help card is shown"),
    Reason.QUOTE_AMOUNT_DIFFERS: lazy("Amount differs from the offer of instalments"),
    Reason.CASH_DISCOUNT_DIFFERS: lazy("The till calculates with another cash discount"),
    Reason.NO_SUCH_CARD: lazy("Unknown card"),
    Reason.REVERSED_BEFORE_ARRIVAL: lazy("Reversed before it arrived"),
    Reason.ORIGINAL_NOT_FOUND: lazy("Original not found"),
    Reason.NO_CREDIT_LINE: lazy("No credit line for this shop"),
    Reason.FUNCTION_NOT_SUPPORTED: lazy("Not offered yet"),
    Reason.CARD_LOST: lazy("Card reported lost"),
    Reason.CARD_STOLEN: lazy("Card reported stolen"),
    Reason.INSUFFICIENT_FUNDS: lazy("Not enough money"),
    Reason.INSUFFICIENT_CREDIT: lazy("Not enough credit"),
    Reason.INSUFFICIENT_LINE: lazy("Credit line too small"),
    Reason.CARD_EXPIRED: lazy("Card expired"),
    Reason.NOT_PERMITTED_TO_CARD: lazy("Not allowed for this card"),
    Reason.PIN_REQUIRED: lazy("PIN needed"),
    Reason.MEMBER_SHOP_KIND: lazy("The family does not let this card buy here"),
    Reason.HOLDS_NO_MONEY: lazy("A discount card: no money on it"),
    Reason.PAYS_IN_CASH: lazy("A discount card: paid in cash"),
    Reason.BATCH_CLOSED: lazy("Till closed its batch, return it instead"),
    Reason.NOT_PERMITTED_TO_TERMINAL: lazy("Not allowed at this terminal"),
    Reason.NOT_OF_THIS_SHOP: lazy("Bought in another shop"),
    Reason.STANDS_AT_NO_DOOR: lazy("The terminal stands at no door"),
    Reason.INSTALMENTS_NOT_OFFERED: lazy("The shop does not sell in so many instalments"),
    Reason.AMOUNT_LIMIT: lazy("Above the limit"),
    Reason.MEMBER_LIMIT: lazy("Above the limit of the family"),
    Reason.CASH_LIMIT_OF_DAY: lazy("The shop may take no more cash for cards today"),
    Reason.OUTSIDE_INSTALMENT_AMOUNTS: lazy("Too little or too much for instalments"),
    Reason.CARD_BLOCKED: lazy("Card blocked"),
    Reason.CARD_REPLACED: lazy("Card replaced"),
    Reason.CARD_REFUNDED: lazy("Card closed"),
    Reason.ORIGINAL_AMOUNT_INCORRECT: lazy("Amount differs from the original"),
    Reason.MORE_THAN_IS_LEFT: lazy("More than is left to return"),
    Reason.FREQUENCY_LIMIT: lazy("Too many purchases"),
    Reason.HELP_TOO_OFTEN: lazy("Help asked for too often"),
    Reason.BATCH_NUMBER_INVALID: lazy("Wrong batch number"),
    Reason.CARD_NOT_ACTIVATED: lazy("Card not active yet"),
    Reason.GIFT_ACTIVE_ALREADY: lazy("Gift card active already"),
    Reason.DUPLICATE_WITH_OTHER_CONTENT: lazy("Same number, other content"),
    Reason.TOTALS_DIFFER: lazy("Totals differ"),
    Reason.TOMBSTONE_WRITTEN: lazy("Reversal came first"),
    Reason.MAC_INVALID: lazy("Message seal wrong"),
    Reason.KEY_SERIAL_REPLAYED: lazy("Key used twice"),
    Reason.CARD_PROOF_REFUSED: lazy("Card could not prove itself"),
    Reason.CHALLENGE_UNKNOWN: lazy("Tap took too long"),
    Reason.CARD_CODE_UNKNOWN: lazy("Code of the holder's page is not valid"),
    Reason.CARD_CODE_USED: lazy("Code of the holder's page was used before"),
    Reason.TERMINAL_UNKNOWN: lazy("Unknown terminal"),
    Reason.TERMINAL_SUSPENDED: lazy("Terminal suspended"),
    Reason.KEY_SYNCHRONISATION: lazy("Keys out of step"),
    Reason.FORMAT_ERROR: lazy("Message malformed"),
    Reason.KEY_DATE_OUT_OF_WINDOW: lazy("Message too old"),
    Reason.LATE: lazy("Answer came too late"),
    Reason.LEDGER_UNAVAILABLE: lazy("Bank not reachable"),
    Reason.MALFUNCTION: lazy("Malfunction"),
}

ENTRY_KINDS = {
    EntryKind.PURCHASE: lazy("Purchase"),
    EntryKind.TOP_UP: lazy("Top-up"),
    EntryKind.REFUND: lazy("Refund"),
    EntryKind.VOID: lazy("Cancellation"),
    EntryKind.REVERSAL: lazy("Reversal"),
    EntryKind.ADVICE: lazy("Offline purchase"),
    EntryKind.EARN: lazy("Credit given"),
    EntryKind.EXPIRY: lazy("Credit expired"),
    EntryKind.TRANSFER: lazy("Transfer"),
    EntryKind.HOLD: lazy("Amount set aside"),
    EntryKind.CAPTURE: lazy("Amount collected"),
    EntryKind.SETTLEMENT: lazy("Settlement"),
    EntryKind.BATCH_CLOSE: lazy("Batch closing"),
    EntryKind.INSTALMENT: lazy("Instalment paid"),
    EntryKind.FEE: lazy("Fee for a new card"),
    EntryKind.GIVING: lazy("Given away"),
}


def entry_kind(line: StatementLine) -> str:
    """What an entry is to its holder: what an organisation gives, and takes back unspent, is no credit."""
    benefits = {EntryKind.EARN: lazy("Benefit given"), EntryKind.EXPIRY: lazy("Benefit ended")}
    own = ENTRY_KINDS | {EntryKind.SETTLEMENT: lazy("Sent back by the bank") if line.money_rial > 0 else lazy("Paid out")}
    kinds = own | benefits if line.benefit_rial else own
    return str(kinds[line.kind])


THANKS = giving_words.THANKS

ENTRY_ICONS = {
    EntryKind.PURCHASE: "shopping-bag",
    EntryKind.TOP_UP: "plus",
    EntryKind.REFUND: "receipt-refund",
    EntryKind.VOID: "arrow-back-up",
    EntryKind.REVERSAL: "arrow-back-up",
    EntryKind.EARN: "gift",
    EntryKind.EXPIRY: "hourglass",
    EntryKind.INSTALMENT: "calendar",
    EntryKind.FEE: "credit-card",
    EntryKind.TRANSFER: "transfer",
    EntryKind.GIVING: "gift",
}

PURSES = {
    AccountKind.MONEY: lazy("From the card's money"),
    AccountKind.GIFT: lazy("From a gift"),
    AccountKind.BENEFIT: lazy("From a benefit"),
    AccountKind.CREDIT_LOT: lazy("From credit"),
    AccountKind.LINE: lazy("In instalments"),
    AccountKind.OWED: lazy("Left owing"),
    AccountKind.CREDIT_OWED: lazy("Credit left owing"),
}

SHOP_KINDS = directory_words.SHOP_KINDS

TERMINAL_STATES = {
    "active": (lazy("Working"), "good", "circle-check"),
    "suspended": (lazy("Suspended"), "warn", "clock-pause"),
    "closed": (lazy("Closed"), "bad", "ban"),
}
DEVICE_KINDS: dict[DeviceKind, LazyString] = {"counter": lazy("Counter"), "portable": lazy("Portable"), "kiosk": lazy("Kiosk")}
TERMINAL_KINDS = {**{str(kind): word for kind, word in DEVICE_KINDS.items()}, "web": lazy("Web till")}

CARD_STATES = {
    CardStatus.STOCK: (lazy("In stock"), "calm", "clock"),
    CardStatus.ISSUED: (lazy("Not active yet"), "calm", "clock"),
    CardStatus.ACTIVE: (lazy("Active"), "good", "circle-check"),
    CardStatus.BLOCKED: (lazy("Blocked"), "bad", "lock"),
    CardStatus.REPLACED: (lazy("Replaced"), "warn", "transfer"),
    CardStatus.EXPIRED: (lazy("Expired"), "warn", "hourglass"),
    CardStatus.REFUNDED: (lazy("Closed"), "warn", "ban"),
}

REPORTED_PLACES = {
    "Mashhad": lazy("Mashhad"),
    "Qom": lazy("Qom"),
    "Razavi Khorasan": lazy("Razavi Khorasan"),
    "Razavi Khorasan + Mashhad": lazy("Razavi Khorasan and Mashhad"),
}

CALENDARS = {
    "": lazy("As usual in my language"),
    "jalali": lazy("Iranian (Jalali)"),
    "gregorian": lazy("Gregorian"),
    "lunar": lazy("Lunar (Hijri)"),
}

ROLES = {
    "applicant": lazy("Applicant"),
    "operator": lazy("Operator"),
    "city_manager": lazy("City manager"),
    "municipality": lazy("Municipality"),
    "union": lazy("Union"),
    "merchant": lazy("Merchant"),
    "cashier": lazy("Cashier"),
    "pilgrim": lazy("Pilgrim"),
    "sponsor": lazy("Organisation"),
}


def error_sentence(code: str, facts: dict[str, object]) -> str:
    """One sentence that says what is wrong and, where something helps, what to do."""
    if code == "too_many_sign_in_tries":
        minutes = formats.number(-(-int(str(facts["wait_seconds"])) // 60), str(get_locale()))
        return _("Too many tries under this name. Please wait %(minutes)s minutes and try again.", minutes=minutes)
    if code in ("posting_refused", "refund_order_not_paid"):
        return _("The bank refused: %(reason)s.", reason=REASONS[Reason(int(str(facts["reason"])))])
    if code == "card_not_usable" and facts.get("reason") == Reason.HOLDS_NO_MONEY:
        return _("This is a discount card: no money is on it. Please choose another card.")
    if code == "bad_input" and facts.get("field") in onboarding_words.FIELD_SENTENCES:
        return str(onboarding_words.FIELD_SENTENCES[str(facts["field"])])
    known = {
        **_ERRORS,
        **api_words.SENTENCES,
        **asking_words.SENTENCES,
        **batch_words.SENTENCES,
        **benefit_words.SENTENCES,
        **card_words.SENTENCES,
        **cash_words.SENTENCES,
        **order_words.SENTENCES,
        **due_words.SENTENCES,
        **family_words.SENTENCES,
        **complaint_words.SENTENCES,
        **gift_words.SENTENCES,
        **giving_words.SENTENCES,
        **field_words.SENTENCES,
        **goods_words.SENTENCES,
        **inspection_words.SENTENCES,
        **instalment_words.SENTENCES,
        **letter_words.SENTENCES,
        **municipality_words.SENTENCES,
        **onboarding_words.SENTENCES,
        **outage_words.SENTENCES,
        **branch_words.SENTENCES,
        **permit_words.SENTENCES,
        **place_words.SENTENCES,
        **quota_words.SENTENCES,
        **report_words.SENTENCES,
        **security_words.SENTENCES,
        **commission_words.SENTENCES,
        **settlement_words.SENTENCES,
        **stay_words.SENTENCES,
        **till_words.SENTENCES,
        **webhook_words.SENTENCES,
    }
    named = (f"{code}.{facts.get('fault')}", f"{code}.{facts.get('field')}", code)
    text = next((str(known[name]) for name in named if name in known), str(lazy("This is not possible.")))
    return text % {name: _readable(name, fact) for name, fact in facts.items()} if "%(" in text else text


def _readable(name: str, fact: object) -> str:
    """A fact as it stands in a sentence: numbers in the reader's digits, acts as words."""
    if name == "act":
        return str(onboarding_words.ACTS.get(str(fact), fact))
    if isinstance(fact, datetime):
        return formats.clock_time(fact, str(get_locale()))
    if isinstance(fact, dict):
        return in_language(fact, str(get_locale()))
    if isinstance(fact, date):
        return formats.day(fact, str(get_locale()), reckoning())
    return formats.number(fact, str(get_locale())) if isinstance(fact, int) else str(fact)


_ERRORS = {
    "bad_input": lazy("Something in the form is not right. Please check it and send it again."),
    "card_not_found": lazy("There is no card with this number. Please read the digits again."),
    "card_not_usable": lazy("This card cannot be used in its present state."),
    "form_expired": lazy("The form was open for too long. Please load the page again."),
    "malfunction": lazy(
        "Something failed on our side, and it has been recorded. Please look whether it was done before you do it again."
    ),
    "method_not_allowed": lazy("This address does not take that kind of request."),
    "not_found": lazy("We did not find what you are looking for."),
    "not_permitted": lazy("Your account is not allowed to see this page."),
    "outcome_unknown": lazy(
        "The bank has not said yet whether this was booked. Please look at the card's entries before you try again."
    ),
    "service_unavailable": lazy("A part of the platform does not answer. Please try again in a moment."),
    "sign_in_refused": lazy("Name and password do not belong together. Please check both; capital letters count in the password."),
    "sign_in_required": lazy("Please sign in first."),
    "terminal_is_closed": lazy("A closed terminal cannot be changed any more."),
    "terminal_not_found": lazy("There is no such terminal."),
    "too_large": lazy("What you sent is too large."),
    "wrong_amount": lazy("The amount must be a whole number of Rial above zero and within the limit."),
    "wrong_card_number": lazy("A card number has 19 digits. One is missing or wrong: please read them again."),
    "wrong_request_key": lazy("This form is too old to be sent. Please load the page again."),
}
