"""Sentences of SMS and e-mail by the code of their notice, and the words of the page that lists them."""

from flask_babel import lazy_gettext as lazy

from kernel.messages.texts import Sentence, Texts
from portal.blueprint import FOLDER


def said(sentence: str) -> str:
    """Marks a sentence for the catalogues: it is translated where it is sent, not where it stands."""
    return sentence


SENTENCES = {
    "first_card_ready": Sentence(
        said("Pilgrim Card: your card lies ready at this desk: %(desk)s. Bring a document."),
        said("Your card lies ready"),
    ),
    "sign_in_code": Sentence(
        said("Pilgrim Card: your code is %(code)s. Tell it to nobody."),
        said("Your code for Pilgrim Card"),
    ),
    "email_code": Sentence(
        said("Your code to confirm this address at Pilgrim Card is %(code)s. Type it within half an hour where you asked for it. If it was not you, do nothing."),
        said("Your code for Pilgrim Card"),
    ),
    "email_changed": Sentence(
        said("Your letters from Pilgrim Card come to another e-mail address from now on. If it was not you, change your password and tell a desk.\n%(link)s"),
        said("Your e-mail address was changed"),
    ),
    "email_removed": Sentence(
        said("Nothing from Pilgrim Card comes to this e-mail address any more. If it was not you, change your password and tell a desk.\n%(link)s"),
        said("Your e-mail address was removed"),
    ),
    "number_code": Sentence(
        said("Pilgrim Card: %(code)s confirms this mobile number. It signs nobody in; tell it to nobody."),
        said("Your code for Pilgrim Card"),
    ),
    "number_changed": Sentence(
        said("Pilgrim Card: your account has another mobile number now. If that was not you, go to a desk at once."),
        said("Your mobile number was changed"),
    ),
    "invitation": Sentence(
        said("%(organisation)s invites you to Pilgrim Card. Code: %(code)s\n%(link)s"),
        said("Your invitation to Pilgrim Card"),
    ),
    "file_approved_by_union": Sentence(
        said("Your union has approved your shop's file. The municipality looks at it now.\n%(link)s"),
        said("Your shop's file is on its way"),
    ),
    "file_active": Sentence(
        said("Your shop can take the Pilgrim Card now. Open your first till:\n%(link)s"),
        said("Your shop can take the card"),
    ),
    "file_returned": Sentence(
        said("Your shop's file needs something more from you. See what:\n%(link)s"),
        said("Your shop's file needs something more"),
    ),
    "file_suspended": Sentence(
        said("Your shop cannot take the Pilgrim Card for now. See why:\n%(link)s"),
        said("Your shop is suspended"),
    ),
    "hours_moved": Sentence(
        said("A lunar month was moved, and with it your shop's hours in the coming days. See them:\n%(link)s"),
        said("Your shop's hours moved with the moon"),
    ),
    "file_resumed": Sentence(
        said("Your shop takes the Pilgrim Card again.\n%(link)s"),
        said("Your shop works again"),
    ),
    "file_closed": Sentence(
        said("Your shop's file was closed. See why:\n%(link)s"),
        said("Your shop's file was closed"),
    ),
    "licence_ends_soon": Sentence(
        said("Your guild licence ends in %(days)s days. Have your union renew it, or your shop stops taking the card.\n%(link)s"),
        said("Your guild licence ends soon"),
    ),
    "licence_ended": Sentence(
        said("Your guild licence has ended and your shop stopped taking the card. Have your union renew it.\n%(link)s"),
        said("Your guild licence has ended"),
    ),
    "quota_share_ready": Sentence(
        said("Your share of %(goods)s is ready at your union. Take it by %(until)s.\n%(link)s"),
        said("Your share is ready"),
    ),
    "booking_confirmed": Sentence(
        said("%(house)s is booked. Your pass: %(code)s\n%(link)s"),
        said("Your booking"),
    ),
    "booking_cancelled": Sentence(
        said("Your booking at %(house)s is cancelled. %(refund)s Rial went back to the card.\n%(link)s"),
        said("Your booking is cancelled"),
    ),
    "programme_called_off": Sentence(
        said("%(house)s does not take place. %(refund)s Rial went back to the card.\n%(link)s"),
        said("A date does not take place"),
    ),
    "programme_moved": Sentence(
        said("%(house)s moved with the moon. It begins on %(day)s at %(time)s. If you cannot come then, cancelling is free. A printed pass still counts but shows the old hour: please print it anew.\n%(link)s"),
        said("Your date moved with the moon"),
    ),
    "places_offered": Sentence(
        said("It is your turn: %(house)s is kept for you until %(until)s. Pay by then, or it goes to the next.\n%(link)s"),
        said("It is your turn"),
    ),
    "outage_begun": Sentence(said("Pilgrim Card: %(text)s\n%(link)s"), said("Something does not work")),
    "outage_ended": Sentence(said("Pilgrim Card: this is over: %(text)s\n%(link)s"), said("It works again")),
    "works_begun": Sentence(said("The municipality: %(text)s\n%(link)s"), said("Works near your shop")),
    "works_called_off": Sentence(said("The municipality: this is over: %(text)s\n%(link)s"), said("Works are over")),
    "permit_granted": Sentence(said("Permit %(number)s is granted. Print it here:\n%(link)s"), said("Your permit is granted")),
    "permit_refused": Sentence(said("Permit %(number)s is refused. Read why:\n%(link)s"), said("Your permit is refused")),
    "permit_withdrawn": Sentence(said("Permit %(number)s is withdrawn and not valid any more. Read why:\n%(link)s"), said("Your permit is withdrawn")),
    "permit_ends_soon": Sentence(said("Permit %(number)s ends in %(days)s days. Ask for a new one in time:\n%(link)s"), said("Your permit ends soon")),
    "branch_approved": Sentence(said("Your branch %(name)s is approved. Set its hours and open a terminal:\n%(link)s"), said("Your branch is approved")),
    "due_entered": Sentence(said("Pilgrim Card: %(creditor)s has entered %(amount)s Rial for your shop, to be paid by %(day)s.\n%(link)s"), said("What your shop owes")),
    "due_soon": Sentence(said("Pilgrim Card: your shop owes %(creditor)s %(amount)s Rial, to be paid by %(day)s.\n%(link)s"), said("To be paid within a week")),
    "due_today": Sentence(said("Pilgrim Card: %(amount)s Rial to %(creditor)s were to be paid by %(day)s.\n%(link)s"), said("To be paid now")),
    "branch_moved": Sentence(
        said("The move of your branch %(name)s is approved. The map and its page show the new place:\n%(link)s"), said("Your branch has moved")
    ),
    "branch_move_refused": Sentence(
        said("Your union did not approve the move of the branch %(name)s. Read why:\n%(link)s"), said("The move is not approved")
    ),
    "branch_licence_ends_soon": Sentence(
        said("The guild licence of your branch %(name)s ends in %(days)s days. Have your union renew it, or the branch stops taking the card.\n%(link)s"),
        said("The licence of your branch ends soon"),
    ),
    "branch_licence_ended": Sentence(
        said("The guild licence of your branch %(name)s has ended and the branch stopped taking the card. Have your union renew it.\n%(link)s"),
        said("The licence of your branch has ended"),
    ),
    "branch_works_again": Sentence(
        said("The licence of your branch %(name)s is renewed and it takes the card again.\n%(link)s"), said("Your branch works again")
    ),
    "branch_refused": Sentence(said("Your union did not approve the branch %(name)s. Read why:\n%(link)s"), said("Your branch is not approved")),
    "balance_answer": Sentence(said("Pilgrim Card, money + credit in Rial\n%(cards)s"), said("Your balance")),
    "no_card_answer": Sentence(said("Pilgrim Card: no card that pays belongs to this number. A desk helps you."), said("Your balance")),
    "no_offers_answer": Sentence(said("Pilgrim Card: no offers come to you any more. To get them again, send: start"), said("No more offers")),
    "offers_again_answer": Sentence(said("Pilgrim Card: offers may come to you again. To end them, send: stop"), said("Offers")),
    "not_understood_answer": Sentence(said("Pilgrim Card: send “balance” for your balance, or “stop” for no more offers."), said("Your message")),
    "offer_letter": Sentence(
        said("%(text)s\n%(sender)s\nNo more of these? Answer: stop"),
        said("A letter"),
    ),
    "service_letter": Sentence(
        said("%(text)s\n%(sender)s"),
        said("A letter"),
    ),
    "offer_mail": Sentence(
        said("%(text)s\n\n%(sender)s\n\nTo end letters from this sender:\n%(unsubscribe)s"),
        said("%(sender)s: %(subject)s"),
    ),
    "service_mail": Sentence(said("%(text)s\n\n%(sender)s"), said("%(sender)s: %(subject)s")),
    "complaint_taken": Sentence(
        said("Your complaint about %(shop)s is taken. It is answered by %(until)s.\n%(link)s"),
        said("Your complaint is taken"),
    ),
    "complaint_in_progress": Sentence(
        said("Your complaint about %(shop)s is being looked into.\n%(link)s"),
        said("Your complaint is being looked into"),
    ),
    "complaint_asked": Sentence(
        said("There is a question about your complaint about %(shop)s. Please answer it:\n%(link)s"),
        said("A question about your complaint"),
    ),
    "complaint_no_news": Sentence(
        said("There is no answer to your complaint about %(shop)s yet. The municipality sees it now.\n%(link)s"),
        said("No news of your complaint yet"),
    ),
    "complaint_resolved": Sentence(
        said("Your complaint about %(shop)s is solved. Read how:\n%(link)s"),
        said("Your complaint is solved"),
    ),
    "complaint_refused": Sentence(
        said("Your complaint about %(shop)s was refused. Read why:\n%(link)s"),
        said("Your complaint was refused"),
    ),
    "complaint_refunded": Sentence(
        said("%(amount)s Rial of your purchase at %(shop)s went back to the card.\n%(link)s"),
        said("A refund went to your card"),
    ),
    "shop_refund_ordered": Sentence(
        said("Your union orders %(shop)s to give %(amount)s Rial of a purchase back. Read why, and answer:\n%(link)s"),
        said("Your union orders a refund"),
    ),
    "help_shown": Sentence(
        said("%(called)s's card was shown for help at %(place)s. See where it is:\n%(link)s"),
        said("Somebody needs you"),
    ),
    "help_asked_too_often": Sentence(
        said("Terminal %(terminal)s asked for the help cards of too many people and was stopped. See it:\n%(link)s"),
        said("A terminal asks for too many help cards"),
    ),
}  # fmt: skip

TEXTS = Texts(SENTENCES, FOLDER / "translations")

NOTICES = {
    "sign_in_code": lazy("Sign-in code"),
    "first_card_ready": lazy("First card ready"),
    "number_code": lazy("Code for a mobile number"),
    "number_changed": lazy("Mobile number changed"),
    "email_code": lazy("Code for an e-mail address"),
    "email_changed": lazy("E-mail address changed"),
    "email_removed": lazy("E-mail address removed"),
    "invitation": lazy("Invitation"),
    "complaint_taken": lazy("Complaint taken"),
    "complaint_in_progress": lazy("Complaint looked into"),
    "complaint_asked": lazy("Question about a complaint"),
    "complaint_no_news": lazy("Complaint without news"),
    "complaint_resolved": lazy("Complaint solved"),
    "complaint_refused": lazy("Complaint refused"),
    "complaint_refunded": lazy("Refund by order"),
    "shop_refund_ordered": lazy("Refund ordered"),
    "file_approved_by_union": lazy("File approved by the union"),
    "file_active": lazy("Shop active"),
    "file_returned": lazy("File returned"),
    "file_suspended": lazy("Shop suspended"),
    "file_resumed": lazy("Shop works again"),
    "file_closed": lazy("File closed"),
    "hours_moved": lazy("Hours moved with the moon"),
    "licence_ends_soon": lazy("Licence ends soon"),
    "licence_ended": lazy("Licence ended"),
    "quota_share_ready": lazy("Share of a quota ready"),
    "booking_confirmed": lazy("Booking confirmed"),
    "booking_cancelled": lazy("Booking cancelled"),
    "programme_called_off": lazy("Date called off"),
    "programme_moved": lazy("Date moved with the moon"),
    "places_offered": lazy("Turn in a waiting line"),
    "outage_begun": lazy("Outage announced"),
    "outage_ended": lazy("Outage over"),
    "works_begun": lazy("Works near a shop"),
    "permit_granted": lazy("Permit granted"),
    "permit_refused": lazy("Permit refused"),
    "permit_withdrawn": lazy("Permit withdrawn"),
    "permit_ends_soon": lazy("Permit ends soon"),
    "branch_approved": lazy("Branch approved"),
    "branch_refused": lazy("Branch not approved"),
    "due_entered": lazy("Due entered"),
    "due_soon": lazy("Due within a week"),
    "due_today": lazy("Due to be paid now"),
    "branch_moved": lazy("Branch moved"),
    "branch_move_refused": lazy("Move of a branch not approved"),
    "branch_licence_ends_soon": lazy("Licence of a branch ends soon"),
    "branch_licence_ended": lazy("Licence of a branch ended"),
    "branch_works_again": lazy("Branch works again"),
    "works_called_off": lazy("Works over"),
    "balance_answer": lazy("Balance asked by SMS"),
    "no_card_answer": lazy("No card of this number"),
    "no_offers_answer": lazy("No more offers"),
    "offers_again_answer": lazy("Offers again"),
    "not_understood_answer": lazy("SMS not understood"),
    "offer_letter": lazy("Letter with an offer"),
    "service_letter": lazy("Letter of the operator"),
    "offer_mail": lazy("Letter with an offer, by e-mail"),
    "service_mail": lazy("Letter of the operator, by e-mail"),
    "help_shown": lazy("Help card shown"),
    "help_asked_too_often": lazy("Help cards asked for too often"),
}

# What a customer's SMS was taken for.
COMMANDS = {
    "balance": lazy("They asked for the balance"),
    "stop": lazy("They want no more offers"),
    "start": lazy("They want offers again"),
    "unknown": lazy("They wrote"),
}

STATES = {
    "waiting": (lazy("Waiting"), "calm", "clock"),
    "sent": (lazy("Sent"), "calm", "transfer"),
    "delivered": (lazy("Delivered"), "good", "circle-check"),
    "failed": (lazy("Not delivered"), "bad", "circle-x"),
    "expired": (lazy("Too late to send"), "warn", "clock-pause"),
    "refused": (lazy("Wants no offers"), "warn", "ban"),
}

FAULTS = {
    "number": lazy("The address takes nothing."),
    "text": lazy("The provider refused the text."),
    "unreachable": lazy("Nobody answered there."),
    "late": lazy("It took too long."),
    "busy": lazy("The provider is busy."),
    "credit": lazy("The account at the provider is empty."),
    "account": lazy("The provider does not know our account."),
    "closed": lazy("No provider is set up for this."),
    "lost": lazy("It did not arrive."),
    "refused": lazy("The phone takes nothing from our line."),
    "stopped": lazy("The letter was stopped before this one left."),
}
