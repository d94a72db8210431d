"""Words and sentences of settlement, for the codes of `merchants.settlement`."""

from flask_babel import lazy_gettext as lazy

PARTS = {
    "sale": lazy("Sale"),
    "return": lazy("Return"),
    "reversal": lazy("Reversal"),
    "cash": lazy("Cash taken for cards"),
}

SUMS = {
    "sales": lazy("Sales"),
    "returns": lazy("Returns"),
    "reversals": lazy("Reversals"),
    "cash": lazy("Cash taken for cards"),
    "commission": lazy("Commission"),
    "adjustments": lazy("Payouts that came back, amounts looked into, what was paid to a union"),
    "carried_in": lazy("Carried from the last statement"),
    "payout": lazy("Paid to your bank account"),
    "carried": lazy("Left to the next statement"),
}

SHEET = {
    "receipt": lazy("Receipt"),
    "date": lazy("Date"),
    "time": lazy("Time"),
    "part": lazy("Kind"),
    "gross": lazy("Amount (Rial)"),
    "credit": lazy("Of it credit (Rial)"),
    "commission": lazy("Commission (Rial)"),
    "net": lazy("For the shop (Rial)"),
}

PAYOUT_STATES = {
    "none": (lazy("Nothing to pay"), "calm", "check"),
    "held": (lazy("Waits for a bank account"), "warn", "clock-pause"),
    "sent": (lazy("With the bank"), "calm", "clock"),
    "accepted": (lazy("Paid"), "good", "circle-check"),
    "returned": (lazy("Came back"), "bad", "arrow-back-up"),
}

ACCOUNT_STATES = {
    "proposed": (lazy("Waits for a second person"), "warn", "clock"),
    "approved": (lazy("Approved"), "good", "circle-check"),
    "rejected": (lazy("Refused"), "bad", "circle-x"),
    "withdrawn": (lazy("Taken back"), "calm", "ban"),
}

SENTENCES = {
    "bank_account_change_pending": lazy("A change waits for a decision already. Take it back first if it is wrong."),
    "bank_account_decided": lazy("Somebody has decided on this account already."),
    "bank_account_not_found": lazy("There is no such bank account."),
    "holder_is_not_the_shop": lazy("The account must be in the legal name of the shop, written as on the licence."),
    "ledger_busy": lazy("The bank was busy with the same money. Nothing was moved; please try once more."),
    "nothing_to_settle": lazy("There is nothing to settle at this moment."),
    "own_proposal": lazy("Nobody approves what they asked for themselves. A second person must look at it."),
    "payer_not_set": lazy(
        "The account that payouts leave from is not set, and this file must name it. Set PILGRIM_PAYOUT_DEBTOR_SHEBA and PILGRIM_PAYOUT_DEBTOR_BIC, or take the CSV."
    ),
    "wrong_payment_code": lazy(
        "A code has twelve characters, as on the receipt; or type the terminal and the number, as T0000001 123."
    ),
    "payout_answered": lazy("The bank's answer is on record already."),
    "payout_file_forgotten": lazy(
        "This file is not kept any more: it named the accounts of people who left years ago. Its hash is on the settlement's page."
    ),
    "payout_file_damaged": lazy("The stored file is not what was made. Do not use it, and tell the platform's operator."),
    "same_bank_account": lazy("You are paid to this account already."),
    "settlement_batch_not_found": lazy("There is no such settlement."),
    "statement_not_found": lazy("There is no such statement."),
    "statement_too_long": lazy("This statement has %(lines)s lines, too many for paper. Please take it as XLSX or CSV."),
    "wrong_sheba.length": lazy("A Sheba has 24 digits after IR. Count them again."),
    "wrong_sheba.sample": lazy("This is a sample bank. Give the Sheba of a real account."),
}
