"""Whose shop a page is about that a person opens for the own shop."""

from typing import Any

from flask import request

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import NotFound
from merchants.queries import merchants_of_organisations


def own_shops(visit: Visit, permission: Permission) -> list[Any]:
    """The shops that the person holds a permission for; none for who holds it for all of the network."""
    return merchants_of_organisations(visit.session, visit.identity.organisations(permission) or ())


def own_shop(visit: Visit, permission: Permission) -> Any:
    """The shop that the address asks for by `merchant`, else the first. Raises NotFound, for another's shop too."""
    asked = request.args.get("merchant", type=int)
    found = next((one for one in own_shops(visit, permission) if asked in (None, one.id)), None)
    if found is None:
        raise NotFound
    return found


def shop_of(visit: Visit, permission: Permission, merchant_id: int) -> Any:
    """The shop an object belongs to, for its organisation. Raises NotFound, for another's shop too."""
    found = next((one for one in own_shops(visit, permission) if one.id == merchant_id), None)
    if found is None:
        raise NotFound
    return found
