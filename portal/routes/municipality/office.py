"""The city that a municipality's person works on."""

from dataclasses import dataclass

from flask import request

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import NotFound
from merchants.onboarding.queries import OverseenCity, cities_overseen


@dataclass(frozen=True, slots=True)
class Office:
    """`others` are the further cities that the person may turn to."""

    city: OverseenCity
    others: tuple[OverseenCity, ...] = ()

    @property
    def municipality_id(self) -> int:
        return self.city.municipality_id


def office_of(visit: Visit, permission: Permission) -> Office:
    """The city that the address asks for, else the person's first. Raises NotFound for a city of another municipality."""
    reached = cities_overseen(visit.session, visit.identity.organisations(permission))
    asked = request.args.get("city")
    found = next((one for one in reached if asked in (None, one.code)), None)
    if found is None:
        raise NotFound
    return Office(found, tuple(one for one in reached if one is not found))
