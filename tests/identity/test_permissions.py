import re

from identity.permissions import OF_THE_WHOLE, ROLE_PERMISSIONS, Grant, Identity, Permission, Role


def holder(*grants: Grant) -> Identity:
    return Identity(sign_in_id=1, person_id=2, name="نام", language="fa", grants=grants)


def test_permissions_stand_in_order_and_read_scope_resource_action() -> None:
    values = [permission.value for permission in Permission]
    assert values == sorted(values)
    for permission in Permission:
        assert re.fullmatch(r"[a-z]+:[a-z-]+:[a-z-]+", permission)
        assert permission.name == permission.value.upper().replace(":", "_").replace("-", "_")


def test_every_role_may_do_something_and_every_permission_is_held() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)
    of_readers = {Permission.MERCHANTS_TAG_READ}  # held by a device's key
    assert frozenset().union(*ROLE_PERMISSIONS.values()) == set(Permission) - of_readers


def test_a_merchant_reaches_its_own_organisation_only() -> None:
    merchant = holder(Grant(Role.MERCHANT, 7, None))
    assert merchant.can(Permission.MERCHANTS_SALES_VIEW)
    assert merchant.can(Permission.MERCHANTS_SALES_VIEW, 7)
    assert not merchant.can(Permission.MERCHANTS_SALES_VIEW, 8)
    assert not merchant.can(Permission.CARDBANK_TOPUP_TAKE)
    assert merchant.organisations(Permission.MERCHANTS_SALES_VIEW) == {7}


def test_the_operator_reaches_every_organisation() -> None:
    operator = holder(Grant(Role.OPERATOR, 1, None))
    assert operator.can(Permission.MERCHANTS_TERMINAL_SUSPEND, 999)
    assert operator.organisations(Permission.MERCHANTS_TERMINAL_SUSPEND) is None


def test_who_holds_nothing_may_nothing() -> None:
    nobody = holder()
    assert not any(nobody.can(permission) for permission in Permission)
    assert nobody.organisations(Permission.MERCHANTS_SALES_VIEW) == frozenset()


def test_a_cashier_is_bound_to_a_branch_and_the_owner_is_not() -> None:
    assert holder(Grant(Role.CASHIER, 7, 70)).branches(7) == {70}
    assert holder(Grant(Role.CASHIER, 7, 70), Grant(Role.MERCHANT, 7, None)).branches(7) is None


def test_who_manages_one_branch_binds_the_shop_to_nothing() -> None:
    manager, owner = holder(Grant(Role.MERCHANT, 7, 70)), holder(Grant(Role.MERCHANT, 7, 70), Grant(Role.MERCHANT, 7, None))
    assert ROLE_PERMISSIONS[Role.MERCHANT] >= OF_THE_WHOLE
    for permission in OF_THE_WHOLE:
        assert not manager.can(permission)
        assert not manager.can(permission, 7)
        assert manager.organisations(permission) == frozenset()
        assert owner.can(permission, 7)
    assert manager.can(Permission.MERCHANTS_HOURS_SET, 7)


def test_the_actor_names_the_account() -> None:
    assert holder().actor.account_id == 1
