"""Words and sentences of orders of cards, for the codes of `cardbank.orders`."""

from flask_babel import lazy_gettext as lazy

STATES = {
    "asked": (lazy("Asked for"), "gold", "clock"),
    "confirmed": (lazy("Confirmed"), "calm", "circle-check"),
    "producing": (lazy("Being printed"), "calm", "printer"),
    "delivered": (lazy("Delivered"), "good", "package"),
    "closed": (lazy("Closed"), "good", "circle-check"),
    "called_off": (lazy("Called off"), "bad", "ban"),
}

SENTENCES = {
    "card_order_not_found": lazy("There is no such order of cards."),
    "card_order_paid": lazy("This order is paid already. What is still to be settled is done by hand with the bank."),
    "card_order_step_refused": lazy("This step does not come now."),
    "card_order_step_refused.asked": lazy("This order is not confirmed yet. Please confirm it first."),
    "card_order_step_refused.called_off": lazy("This order has been called off."),
    "card_order_step_refused.closed": lazy("This order is closed."),
    "card_order_step_refused.confirmed": lazy("This order is confirmed already."),
    "card_order_step_refused.delivered": lazy("These cards have been delivered already."),
    "card_order_step_refused.producing": lazy("These cards are being printed already."),
    "order_numbers_taken": lazy("There are no numbers to take."),
    "order_numbers_taken.none": lazy("These cards have no number to print: the chip is known when they come."),
    "order_numbers_taken.taken": lazy("The numbers of this order have left for the printer already."),
    "wrong_card_art": lazy("This picture cannot be printed. Please bring another one."),
    "wrong_card_art.shape": lazy(
        "The picture has %(wide)s by %(high)s dots, which is not the shape of a card. Please cut it to 1016 by 640."
    ),
    "wrong_card_art.small": lazy("The picture has %(wide)s by %(high)s dots. A sharp card needs at least 1011 by 638."),
    "wrong_card_art.unreadable": lazy(
        "This file is no picture that is printed. Please bring a PNG or JPEG of at most 6000 dots a side."
    ),
    "wrong_card_order": lazy("Please look at this field again."),
    "wrong_card_order.count": lazy("Please order %(least)s to %(most)s cards."),
    "wrong_card_order.design": lazy("Please name the design in %(most)s letters at most, such as the name on the card."),
    "wrong_card_order.due_on": lazy("Please promise a day that is still to come."),
    "wrong_card_order.kind": lazy("No price holds for this kind today. Please choose another one."),
    "wrong_card_order.note": lazy("This may have %(most)s letters at most."),
    "wrong_card_order.receipt": lazy("Please write the number of the bank's receipt: 4 to 30 digits and Latin letters."),
    "wrong_card_order.why": lazy("Please say why in a sentence of %(most)s letters at most."),
    "wrong_card_prices.kind": lazy("Please choose a kind of card that is ordered."),
    "wrong_card_prices.setup": lazy("The price of preparing a picture must be a whole number of Rial; 0 where it costs nothing."),
    "wrong_card_prices.starts_on": lazy("A list begins today or later, and after the one before."),
    "wrong_card_prices.tiers": lazy("Please write 1 to 5 rows: more cards from row to row, up to 1000, and no higher price each."),
    "wrong_chips": lazy("Please look at the chips again."),
    "wrong_chips.count": lazy("This order has %(most)s cards. Please read in exactly so many chips, one a line."),
    "wrong_chips.form": lazy("Line %(line)s is no chip: 14 digits and letters from a to f."),
    "wrong_chips.twice": lazy("The chip of line %(line)s stands above already."),
}
