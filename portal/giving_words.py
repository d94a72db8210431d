"""Words of giving and leaving, for the codes of `merchants.giving` and `merchants.leaving`."""

from flask_babel import lazy_gettext as lazy

CAUSES = {"vow": lazy("Vow"), "endowment": lazy("Endowment"), "charity": lazy("Charity")}
THANKS = {
    "vow": lazy("May your vow be accepted. It reaches its receiver whole."),
    "endowment": lazy("Thank you: your endowment goes on doing good. It reaches its receiver whole."),
    "charity": lazy("Thank you for thinking of others. It reaches its receiver whole."),
}
WAYS = {"cash": lazy("Cash"), "sheba": lazy("Bank account"), "gift": lazy("As a gift")}
PAYOUT_STATES = {
    "waiting": (lazy("Goes with the next settlement"), "calm", "clock"),
    "sent": (lazy("Sent to the bank"), "calm", "transfer"),
    "accepted": (lazy("Paid"), "good", "circle-check"),
    "returned": (lazy("Sent back by the bank"), "bad", "arrow-back-up"),
}
SENTENCES = {
    "receiver_not_found": lazy("Nothing can be given to this receiver now. Please choose another one."),
    "wrong_cause": lazy("Please choose what it is for."),
    "wrong_receiver.name": lazy("Please write the name in Persian: 2 to %(most)s letters."),
    "wrong_receiver.about": lazy("Please say in one sentence what is done with the gifts: 2 to %(most)s letters."),
    "wrong_receiver.causes": lazy("Please tick what people may give for."),
    "card_owes": lazy("The card still owes %(amount_rial)s Rial, or instalments are open. Please pay them first."),
    "nothing_to_pay_out": lazy("There is no money on this card."),
    "shared_wallet": lazy("This money belongs to a family. Its head moves it to the own card first."),
    "would_lapse": lazy(
        "%(amount_rial)s Rial of credit, gifts and benefits would be lost. Please spend them first, or tick that you know it."
    ),
    "wrong_holder": lazy("The account must be in the cardholder's own name, as it is known here."),
    "wrong_holder.length": lazy("Please write the name of the account's holder."),
    "bad_input.way": lazy("Please choose how the money should leave."),
}
