"""Words and sentences of webhooks, for the codes of `merchants.webhooks`."""

from flask_babel import lazy_gettext as lazy

EVENTS = {
    "settlement.closed": lazy("A statement is closed"),
    "payout.accepted": lazy("The bank has paid"),
    "payout.returned": lazy("A payout came back"),
    "sale.posted": lazy("A sale or a return is booked"),
    "tags.read": lazy("A reader has seen tagged goods"),
    "ping": lazy("Test"),
}

STATES = {
    "waiting": (lazy("On its way"), "calm", "clock"),
    "delivered": (lazy("Delivered"), "good", "circle-check"),
    "dead": (lazy("Given up"), "bad", "circle-x"),
}

FAULTS = {
    "form": lazy("The address is not right."),
    "scheme": lazy("The address is not https."),
    "inside": lazy("The name leads into a private network."),
    "unknown": lazy("There is no such host."),
    "refused": lazy("Nobody answered there."),
    "late": lazy("It took too long."),
    "tls": lazy("The certificate is not valid."),
}

SENTENCES = {
    "webhook_delivery_not_found": lazy("There is no such delivery."),
    "delivery_on_its_way": lazy("This one is not given up; it is sent again by itself."),
    "endpoint_not_found": lazy("There is no such endpoint."),
    "no_event_chosen": lazy("Choose at least one event."),
    "too_many_endpoints": lazy("A shop has %(most)s endpoints at most. Remove one first."),
    "wrong_endpoint_address": lazy("Write the address as https://accounting.example/hook, without name and password in it."),
    "wrong_endpoint_address.inside": lazy("This name leads into a private network, and we send to the public internet only."),
    "wrong_endpoint_address.scheme": lazy("Only https is possible, so that nobody reads along."),
    "wrong_endpoint_address.unknown": lazy("There is no such host. Check the name in the address."),
}
