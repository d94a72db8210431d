"""Words and sentences of the web till. Each fault and each decline names its remedy."""

from flask_babel import lazy_gettext as lazy

from cardbank.reasons import Reason
from merchants.look.rules import Accent
from merchants.till.practice import Part

SALE_STATES = {
    "undecided": (lazy("Not paid yet"), "calm", "clock"),
    "paid": (lazy("Paid"), "good", "circle-check"),
    "declined": (lazy("Declined"), "bad", "circle-x"),
    "withdrawn": (lazy("Withdrawn"), "warn", "arrow-back-up"),
}

NOT_SAID_YET = lazy(
    "The bank has not said yet what came of it. Please press again in a moment: it counts once, whatever was heard of it before."
)
ASK_FOR_ANOTHER_CARD = lazy("Please ask for another card.")
TAP_AGAIN = lazy("Please hold the card to the reader again, or key its number.")
ASK_FOR_NEW_CODE = lazy("Please scan the code that the holder's page shows now.")
IN_A_MOMENT = lazy("Nothing was charged. Please try again in a moment.")
REMEDIES = {
    Reason.INSUFFICIENT_FUNDS: lazy("The card can be topped up at a desk, or another card can pay."),
    Reason.INSUFFICIENT_CREDIT: lazy("Please take less credit, or let the card's money pay."),
    Reason.CREDIT_EXCEEDS_AMOUNT: lazy("Please take no more credit than the price."),
    Reason.AMOUNT_LIMIT: lazy(
        "The purchase is above what the shop's contract or the card allows. Please split it or ask for another card."
    ),
    Reason.MEMBER_LIMIT: lazy(
        "The head of the family has set a limit for this card. The head can change it on the telephone, or another card can pay."
    ),
    Reason.MEMBER_SHOP_KIND: lazy("The head of the family has chosen the kinds of shops for this card. Another card can pay."),
    Reason.HOLDS_NO_MONEY: lazy("Nothing can be taken off here. Please ask for another card, or take the whole price in cash."),
    Reason.NO_SUCH_CARD: lazy("Please read the number again, or hold the card to the reader."),
    Reason.CARD_NOT_ACTIVATED: lazy("The card becomes active at a desk."),
    Reason.CARD_EXPIRED: lazy("A desk gives a new card in its place."),
    Reason.CARD_REPLACED: lazy("The holder has a newer card; please ask for that one."),
    Reason.CHALLENGE_UNKNOWN: TAP_AGAIN,
    Reason.CARD_PROOF_REFUSED: TAP_AGAIN,
    Reason.CARD_CODE_UNKNOWN: ASK_FOR_NEW_CODE,
    Reason.CARD_CODE_USED: ASK_FOR_NEW_CODE,
    Reason.INVALID_SHOP: lazy("The shop's contract does not hold now. Please call the platform's operator."),
    Reason.NOT_PERMITTED_TO_TERMINAL: lazy("The shop's contract takes no credit. Please let the card's money pay."),
    Reason.LEDGER_UNAVAILABLE: IN_A_MOMENT,
    Reason.MALFUNCTION: IN_A_MOMENT,
}

RETURN_REMEDIES = {
    Reason.MORE_THAN_IS_LEFT: lazy("Please give back no more than is left of the purchase."),
    Reason.ORIGINAL_AMOUNT_INCORRECT: lazy("Please give back no more than is left of the purchase."),
    Reason.ORIGINAL_NOT_FOUND: lazy("Please look at the receipt number again."),
    Reason.NOT_OF_THIS_SHOP: lazy("Only the shop that sold the goods takes them back."),
    Reason.LEDGER_UNAVAILABLE: lazy("Nothing was booked. Please try again in a moment."),
}

TOP_UP_REMEDIES = {
    **REMEDIES,
    Reason.CASH_LIMIT_OF_DAY: lazy("Please take less cash, or send the customer to a desk."),
    Reason.NOT_PERMITTED_TO_TERMINAL: lazy("This shop's contract takes no cash for cards. A desk does."),
    Reason.HOLDS_NO_MONEY: lazy("Nothing is put on it. Please give the cash back."),
}

ACCENTS = {
    Accent.TURQUOISE: lazy("Turquoise"),
    Accent.LAPIS: lazy("Lapis blue"),
    Accent.PISTACHIO: lazy("Pistachio green"),
    Accent.SAFFRON: lazy("Saffron brown"),
    Accent.POMEGRANATE: lazy("Pomegranate red"),
    Accent.ROSE: lazy("Rose pink"),
    Accent.VIOLET: lazy("Violet"),
    Accent.WALNUT: lazy("Walnut brown"),
}

DEBTS = lazy("Debts")
DEBT_TOTAL = lazy("Total")
BUCKETS = {
    "not_due": (lazy("Not due yet"), "calm", "clock"),
    "to_30": (lazy("0 to 30 days late"), "gold", "hourglass"),
    "to_60": (lazy("31 to 60 days late"), "warn", "hourglass"),
    "to_90": (lazy("61 to 90 days late"), "bad", "alert-triangle"),
    "older": (lazy("More than 90 days late"), "bad", "alert-triangle"),
}
DEBT_COLUMNS = {
    "number": lazy("Number"),
    "customer": lazy("Customer"),
    "branch": lazy("Branch"),
    "entered": lazy("Entered"),
    "due": lazy("To be paid by"),
    "amount": lazy("Owed"),
    "paid": lazy("Paid"),
    "left": lazy("Left over"),
}

SENTENCES = {
    "debt_being_paid": lazy("A card is being asked for a part of this debt. Please finish or give up that sale first."),
    "debt_is_closed": lazy("Nothing of this debt is open any more. How it ended stands below."),
    "debt_not_found": lazy("There is no such debt in your branch."),
    "more_than_owed": lazy("%(left_rial)s Rial of this debt may be paid now. Please take no more than that."),
    "wrong_debt.amount": lazy("The amount must be a whole number of Rial above zero."),
    "wrong_debt.card": lazy("No card has this number. Please read it again, or leave it empty and write the name."),
    "wrong_debt.customer": lazy("Please write the customer's name, with 80 letters at most, or give the card."),
    "wrong_debt.day": lazy("Please write the day as year/month/day, such as 1405/09/30."),
    "wrong_debt.due_on": lazy("The day to pay by lies within three years. Please look at the year again."),
    "wrong_debt.key": lazy("This page is too old. Please open the book of debts again."),
    "wrong_debt.note": lazy("What the debt is for may have 200 letters at most."),
    "wrong_debt.why": lazy("Please say in a sentence, with 200 letters at most, why the debt is struck out."),
    "card_code_expired": lazy("This code is more than a minute old. Please scan the one that the holder's page shows now."),
    "card_code_unknown": lazy("This is no code of a pilgrim card. Please scan it again, or key the card's number."),
    "purchase_not_found": lazy(
        "No purchase of this shop has this number. Please read the receipt again, or choose the purchase from the list."
    ),
    "unknown_accent": lazy("This colour is not on the list. Please choose one of those shown."),
    "wrong_receipt_text.long": lazy("This line may have 60 letters at most. Please shorten it."),
    "wrong_receipt_text.signs": lazy("This line has a sign that printers do not take. Please leave out ^ and other special signs."),
    "wrong_return": lazy("Line %(line)s: fewer pieces were sold than come back. Please correct the count."),
    "basket_too_large": lazy("This is more than one sale can hold. Please make two sales of it."),
    "difference_unexplained": lazy(
        "The drawer should hold %(expected_rial)s Rial and you counted %(counted_rial)s. Please count again, or write why it differs."
    ),
    "empty_basket": lazy("The basket is empty. Please enter at least one amount."),
    "not_in_stock": lazy("The shop keeps no stock of this product. Please have its stock kept first, on the page of the product."),
    "other_basket": lazy("This sale was sent already with other lines. The sale below is the one that counts."),
    "printer_not_set": lazy("This till has no printer yet. Please write its address down first, or print by the browser."),
    "printer_not_there": lazy(
        "The printer does not answer. Please see whether it is on, has paper and is in the network, and print again."
    ),
    "wrong_printer.host": lazy(
        "This is no address of the shop's own network. Please type it as on the printer's sheet, such as 192.168.1.50."
    ),
    "wrong_printer.width": lazy("Please choose the width of the paper."),
    "sale_decided": lazy("This sale was decided a moment before. What came of it stands below."),
    "sales_undecided": lazy("Sales that are neither paid nor withdrawn: %(count)s. Please open them below and settle them first."),
    "shift_is_closed": lazy("This shift has been cashed up. Please open a new one."),
    "shift_not_found": lazy("There is no such shift."),
    "shift_open_already": lazy("You have a shift open at till %(till)s. Please cash it up first."),
    "till_not_found": lazy("There is no such till in your branch."),
    "till_not_working": lazy("This till is stopped. Please choose another one or call the platform's operator."),
    "till_goods_unknown": lazy("No product of this shop has this code. Please scan it again, or write a price beside it."),
    "till_tag_unknown": lazy("This tag names no product of the shop. Please scan the code, or bind the tag on the page of tags."),
    "till_sale_not_found": lazy("There is no such sale."),
    "till_taken": lazy("Somebody else is at work at this till. Please choose another one."),
    "wrong_line.amount": lazy(
        "Line %(line)s: please write the price of one in Rial, in digits: above zero, and 12 digits at most."
    ),
    "wrong_line.card": lazy("Line %(line)s: this is a card's number. Write what is sold; the card pays on the next page."),
    "wrong_line.count": lazy("Line %(line)s: the count must be a whole number from 1 to 9999."),
    "wrong_line.text": lazy("Line %(line)s: the name may have 60 letters at most."),
}


def remedy(reason: Reason) -> str:
    """What helps after a decline."""
    return str(REMEDIES.get(reason, ASK_FOR_ANOTHER_CARD))


def top_up_remedy(reason: Reason) -> str:
    """What helps where cash was not booked."""
    return str(TOP_UP_REMEDIES.get(reason, ASK_FOR_ANOTHER_CARD))


def return_remedy(reason: Reason) -> str:
    """What helps where a return was not booked."""
    return str(RETURN_REMEDIES.get(reason, lazy("Please call the platform's operator.")))


# The lesson of the practice page: each step and what to look at.
LESSON = {
    "amount": (lazy("Key the amount"), lazy("Scan the goods or type name, count and price.")),
    "card": (
        lazy("Hold the card to the reader"),
        lazy("Or type the number. If it is declined, say what helps, not what is wrong."),
    ),
    "away": (lazy("Give the card back"), lazy("At once: many cards are forgotten at tills.")),
    "receipt": (lazy("Print the receipt"), lazy("It says what was paid, earned, spent, is left and expires next.")),
}

PRACTICE_CARDS = {
    Part.PAYS: lazy("One that pays"),
    Part.EMPTY: lazy("One with too little money"),
    Part.BLOCKED: lazy("One that is blocked"),
    Part.LATE: lazy("One that was taken away too soon"),
}
