"""What can be wrong with an endpoint."""

from kernel.errors import BadInput, DomainError, NotFound


class WrongEndpointAddress(BadInput):
    """Facts: `field`, `fault`: form, scheme, inside (an address of our own network) or unknown (no such host)."""

    code = "wrong_endpoint_address"


class NoEventChosen(BadInput):
    code = "no_event_chosen"


class TooManyEndpoints(DomainError):
    """Facts: `most`."""

    code = "too_many_endpoints"


class EndpointNotFound(NotFound):
    code = "endpoint_not_found"


class DeliveryNotFound(NotFound):
    code = "webhook_delivery_not_found"


class DeliveryOnItsWay(DomainError):
    """Only a dead one is sent again by hand."""

    code = "delivery_on_its_way"
