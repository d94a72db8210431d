"""Sentences of families and of money that is moved, for the codes of `cardbank.families` and `cardbank.transfers`."""

from flask_babel import lazy_gettext as lazy

SENTENCES = {
    "family_holds_money": lazy("There is still %(amount_rial)s Rial in the family's purse. Please move it to your own card first."),
    "family_is_full": lazy("A family has %(most)s members at most."),
    "family_member_not_found": lazy("This person is not in the family any more. Please load the page again."),
    "family_not_found": lazy("There is no such family any more. Please load the page again."),
    "has_family": lazy("This person is in a family already, and can be in one only. They leave that one first."),
    "only_the_head": lazy("Only the head of the family does this."),
    "same_wallet": lazy("Both cards lead to the same money. Please choose another card."),
    "wrong_family_limit.above_month": lazy("The limit of a day is above that of the month. Please make it smaller."),
    "wrong_family_limit.kinds": lazy("Please choose the kinds of shops from the list."),
    "wrong_family_limit": lazy("A limit is a whole number of Rial above zero, up to 1,000,000,000. Leave it empty for no limit."),
    "bad_input.stock": lazy("The number of the new card has 19 digits. Please read them again."),
    "bad_input.child": lazy("Please write the child's name: 2 to 40 letters."),
}
