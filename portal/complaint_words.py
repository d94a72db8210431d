"""Words and sentences of complaints and refund orders. Each fault names its remedy."""

from flask_babel import lazy_gettext as lazy

CAUSES = {
    "overcharge": (lazy("It was too expensive"), "coins"),
    "bad_goods": (lazy("The goods were bad"), "package"),
    "rude": (lazy("I was treated badly"), "user"),
    "wrong_data": (lazy("What is said of the shop is wrong"), "map-pin"),
    "terminal": (lazy("The card or the terminal did not work"), "device-tablet"),
    "other": (lazy("Something else"), "info-circle"),
}
STATES = {
    "acknowledged": (lazy("On record"), "calm", "check"),
    "in_progress": (lazy("Being looked into"), "calm", "hourglass"),
    "waiting": (lazy("Waiting for you"), "warn", "clock-pause"),
    "resolved": (lazy("Solved"), "good", "circle-check"),
    "refused": (lazy("Refused with a reason"), "bad", "circle-x"),
}
OFFICE_STATES = STATES | {"waiting": (lazy("Waiting for the complainant"), "warn", "clock-pause")}
FILTERS = {"open": lazy("All open ones"), "overdue": lazy("Late")} | {code: word[0] for code, word in OFFICE_STATES.items()}
PARTIES = {
    "complainant": lazy("The complainant"),
    "shop": lazy("The shop"),
    "union": lazy("The union"),
    "municipality": lazy("The municipality"),
    "system": lazy("The platform"),
}
AUDIENCES = {
    "office": lazy("Nobody outside the office"),
    "shop": lazy("The shop too"),
    "complainant": lazy("The complainant too"),
    "all": lazy("Both sides"),
}
ACTS = {
    "complain": lazy("Complained"),
    "reply": lazy("Wrote"),
    "leave number": lazy("Left a number"),
    "note": lazy("Wrote"),
    "ask": lazy("Asked the complainant"),
    "heard": lazy("Said by another way"),
    "answer": lazy("Answered"),
    "escalate": lazy("There is no answer in time; the municipality sees it now."),
    "resolve": lazy("Solved"),
    "refuse": lazy("Refused with a reason"),
    "order": lazy("Ordered a refund"),
    "withdraw order": lazy("Took the order back"),
    "pay order": lazy("The refund went to the card"),
    "appeal": lazy("Appealed to the municipality"),
    "uphold order": lazy("The order stands"),
    "overturn order": lazy("The order was wrong; the union makes the shop good"),
}
ORDER_STATES = {
    "proposed": (lazy("Waits for the second person"), "warn", "hourglass"),
    "withdrawn": (lazy("Taken back"), "calm", "arrow-back-up"),
    "paid": (lazy("Paid to the card"), "good", "circle-check"),
    "appealed": (lazy("Paid; the shop has appealed"), "warn", "building-community"),
    "upheld": (lazy("Paid; the order stands"), "good", "circle-check"),
    "overturned": (lazy("Paid; the union makes the shop good"), "bad", "circle-x"),
}

SENTENCES = {
    "complaint_not_found": lazy("There is no such complaint."),
    "complaint_link_ended": lazy(
        "This link does not open a complaint any more. Within %(days)s days of a purchase its receipt does."
    ),
    "complaints_not_taken": lazy("Nobody answers for this shop yet. Please tell any desk of the network."),
    "complaint_stands": lazy(
        "This purchase has an open complaint about the same already, no. %(number)s. It is being looked into."
    ),
    "unknown_cause": lazy("Please choose what was wrong."),
    "complaint_words_missing": lazy("Please write it in words, %(most)s characters at most."),
    "complaint_moved_on": lazy("This complaint is closed. Read its decision, or complain again from the receipt."),
    "complaint_pictures_full": lazy("A complaint holds %(most)s photos. These are enough; please write the rest."),
    "not_of_this_union": lazy("Choose somebody who works for your union."),
    "own_complaint": lazy("Somebody else has to decide here: it is your own shop, or your own complaint."),
    "refund_order_not_found": lazy("There is no such order."),
    "refund_order_not_possible": lazy("A refund cannot be ordered here."),
    "refund_order_not_possible.purchase": lazy("Nothing of a purchase at a till is left to be refunded here."),
    "refund_order_not_possible.stands": lazy("There is an order already. Confirm it or take it back first."),
    "refund_order_not_possible.lapsed": lazy("The order is older than a week. Take it back and order anew."),
    "refund_order_amount_wrong": lazy("Type an amount of up to %(left_rial)s Rial: so much of the purchase is left."),
    "refund_order_decided": lazy("Somebody was faster: the order was decided. Load the page again to see it."),
    "refund_order_needs_second_person": lazy("You ordered it yourself. A second person of the union confirms."),
    "appeal_not_possible": lazy("An appeal is open for %(days)s days after a refund that the union imposed, and once."),
}
