import pytest

from identity.permissions import Grant, Identity, Role
from portal import navigation


def somebody(*roles: Role) -> Identity:
    grants = tuple(Grant(role, None if role is Role.PILGRIM else 7, None) for role in roles)
    return Identity(1, 1, "Sample", "fa", grants)


@pytest.mark.parametrize(
    ("role", "endpoint"),
    [
        (Role.OPERATOR, "portal.live"), (Role.CITY_MANAGER, "portal.city"), (Role.MUNICIPALITY, "portal.city"),
        (Role.UNION, "portal.merchants"), (Role.MERCHANT, "portal.sales"), (Role.CASHIER, "portal.sales"),
        (Role.PILGRIM, "portal.my_card"),
    ],
)  # fmt: skip
def test_each_role_lands_where_its_work_begins(role: Role, endpoint: str) -> None:
    assert navigation.landing(somebody(role)) == endpoint
    assert navigation.main_role(somebody(role)) is role


@pytest.mark.parametrize("role", list(Role))
def test_the_bottom_bar_has_at_most_five_places_and_ends_with_the_account(role: Role) -> None:
    bar = navigation.bottom_bar(navigation.destinations(somebody(role)))
    assert len(bar) <= 5
    assert bar[-1].endpoint == "portal.account"
    assert len({place.endpoint for place in bar}) == len(bar)


def test_a_merchant_who_is_a_pilgrim_too_has_both_kinds_of_page() -> None:
    endpoints = {place.endpoint for place in navigation.destinations(somebody(Role.MERCHANT, Role.PILGRIM))}
    assert {"portal.sales", "portal.my_card"} <= endpoints
    assert navigation.main_role(somebody(Role.MERCHANT, Role.PILGRIM)) is Role.MERCHANT


def test_the_operator_sells_nothing() -> None:
    assert "portal.sales" not in {place.endpoint for place in navigation.destinations(somebody(Role.OPERATOR))}


def test_every_destination_is_somebodys_and_stands_once() -> None:
    endpoints = [place.endpoint for place in navigation.DESTINATIONS]
    assert len(set(endpoints)) == len(endpoints)
    assert set(endpoints) == {place.endpoint for role in Role for place in navigation.destinations(somebody(role))}


def test_a_group_without_a_page_for_this_person_is_not_shown() -> None:
    assert all(group.destinations for role in Role for group in navigation.groups(somebody(role)))
