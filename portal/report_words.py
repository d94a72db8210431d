"""Words and sentences of reports, for the codes of `insights.reports`."""

from flask_babel import lazy_gettext as lazy

# Report → its title, what it is about, its drawing.
REPORTS = {
    "sales": (
        lazy("Sales, returns and credit"),
        lazy("What was sold and came back, what it cost, and the credit given and used."),
        "shopping-bag",
    ),
    "payouts": (
        lazy("Payouts and debts"),
        lazy("What shops are paid, what the bank sent back, and what is left owing."),
        "transfer",
    ),
    "goods": (
        lazy("Goods and stock"),
        lazy("What came in, was sold and differed at counts, at today's list price, and what lies there now."),
        "tag",
    ),
    "cards": (
        lazy("Cards and customers"),
        lazy("Cards issued in the period in the state they are in now, and new customers, a minute behind the desks."),
        "credit-card",
    ),
    "groups": (
        lazy("Groups of customers"),
        lazy("How many numbers came into groups and how many left them. Groups that are a question have no moves."),
        "users-group",
    ),
    "shops": (
        lazy("Shops that joined"),
        lazy("Shops whose first contract began in the period, what they sold since, and who works there now."),
        "building-store",
    ),
}

GROUPINGS = {
    "day": lazy("Day"),
    "month": lazy("Month"),
    "shop": lazy("Shop"),
    "branch": lazy("Branch"),
    "terminal": lazy("Terminal"),
    "kind": lazy("Kind of shop"),
    "receipt": lazy("Single receipts"),
    "state": lazy("State"),
    "product": lazy("Kind of card"),
    "operator": lazy("Issued by"),
    "good": lazy("Product"),
    "goods_group": lazy("Group of goods"),
    "cashier": lazy("Person at the till"),
    "customer": lazy("New and known customers"),
    "group": lazy("Group"),
}

COLUMNS = {
    "sale_entries": lazy("Number of sales"),
    "sales_rial": lazy("Sales (Rial)"),
    "returns_rial": lazy("Returns (Rial)"),
    "reversals_rial": lazy("Reversals (Rial)"),
    "cash_rial": lazy("Cash for cards (Rial)"),
    "commission_rial": lazy("Commission (Rial)"),
    "net_rial": lazy("For the shop (Rial)"),
    "credit_used_rial": lazy("Credit used (Rial)"),
    "credit_given_rial": lazy("Credit given (Rial)"),
    "discount_rial": lazy("Cash discounts given (Rial)"),
    "piece_entries": lazy("Pieces sold"),
    "money_rial": lazy("Paid with money (Rial)"),
    "card_rial": lazy("From the card (Rial)"),
    "gift_used_rial": lazy("From gift cards (Rial)"),
    "statement_entries": lazy("Number of statements"),
    "due_rial": lazy("Due (Rial)"),
    "payout_rial": lazy("Paid out (Rial)"),
    "paid_rial": lazy("Of it paid (Rial)"),
    "sent_rial": lazy("With the bank (Rial)"),
    "returned_rial": lazy("Came back (Rial)"),
    "owing_rial": lazy("Owed by shops (Rial)"),
    "waiting_rial": lazy("Waits for an account (Rial)"),
    "intake_rial": lazy("Came in (Rial)"),
    "sold_rial": lazy("Sold (Rial)"),
    "back_rial": lazy("Brought back (Rial)"),
    "difference_rial": lazy("Differences at counts (Rial)"),
    "loss_rial": lazy("Written off (Rial)"),
    "gift_rial": lazy("Given away (Rial)"),
    "stock_rial": lazy("Lies there now (Rial)"),
    "price_entries": lazy("Price changes"),
    "point_entries": lazy("Points of what was sold"),
    "card_entries": lazy("Cards"),
    "active_entries": lazy("Active now"),
    "blocked_entries": lazy("Blocked now"),
    "closed_entries": lazy("Closed or replaced"),
    "customer_entries": lazy("Customers"),
    "others_credit_rial": lazy("Of it from other clubs (Rial)"),
    "benefit_used_rial": lazy("From sponsors' benefits (Rial)"),
    "holder_entries": lazy("New customers"),
    "joined_entries": lazy("Joined"),
    "branch_entries": lazy("Branches now"),
    "post_entries": lazy("People at work now"),
    "brought_rial": lazy("Sales less returns (Rial)"),
    "came_entries": lazy("Numbers put in"),
    "left_entries": lazy("Numbers gone"),
    "growth_entries": lazy("More than before"),
    "receipt": lazy("Receipt"),
    "date": lazy("Date"),
    "time": lazy("Time"),
    "shop": lazy("Shop"),
    "branch": lazy("Branch"),
    "terminal": lazy("Terminal"),
    "part": lazy("Kind"),
    "gross_rial": lazy("Amount (Rial)"),
}

# What a row is called that has no key of its grouping.
WITHOUT = {
    "branch": lazy("No single branch"),
    "terminal": lazy("Without a terminal"),
    "goods_group": lazy("Without a group"),
    "good": lazy("Without a product"),
    "cashier": lazy("At a terminal, person not told"),
    "customer": lazy("New and known together"),
}
CUSTOMERS = {
    "new": lazy("New here"),
    "known": lazy("Bought here before"),
}
WITHOUT_OF_CARDS = {
    "branch": lazy("At a desk, or not recorded"),
    "operator": lazy("Not recorded"),
}

FILE_STATES = {
    "making": (lazy("In the making"), "calm", "hourglass"),
    "done": (lazy("Ready"), "good", "circle-check"),
    "failed": (lazy("Could not be made"), "bad", "circle-x"),
}

SENTENCES = {
    "report_file_not_found": lazy("There is no such file. Files are kept for a week."),
    "report_not_found": lazy("There is no such report for you."),
    "too_few_shops": lazy(
        "Fewer than %(least)s shops sold in this period, so their sum would tell what each of them did. Choose a longer period."
    ),
    "too_many_report_files": lazy("%(most)s files are in the making for you already. Wait until one of them is ready."),
    "too_many_rows": lazy("This would be %(rows)s rows, and a file holds %(most)s. Choose a shorter period."),
    "view_name_missing": lazy("Give the view a name of up to %(most)s letters."),
    "view_not_found": lazy("There is no such view."),
    "wrong_grouping": lazy("Choose a grouping of the list."),
    "wrong_period.backwards": lazy("The last day is before the first one."),
    "wrong_period.too_long": lazy("A report covers at most %(days)s days. Choose a later first day."),
}
