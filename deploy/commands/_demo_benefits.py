"""An organisation of the demonstration that pays for meals of its members: a budget, a monthly plan, members with and without cards."""

from datetime import timedelta

from cardbank.cards import queries as cards
from cardbank.keystore.ports import KeyStore
from deploy.commands import _demo
from identity.permissions import Identity
from kernel import clock
from kernel.calendar import local_day
from kernel.db import unit_of_work
from loyalty.benefits.queries import funder
from loyalty.benefits.rules import Recurs
from loyalty.benefits.services import budgets, funding, members
from merchants.benefits.services import PlanAsked, begin_plan
from merchants.rules import ShopKind
from places.queries import city_by_code

MEMBERS = 12  # of the cardholders, the first ones
WAITING = ("کارمند بی‌کارت نمونه", "0012345679")  # on record by a national id with a right check digit, of nobody
GROUP = "کارکنان"
DEPOSIT_RIAL = 100_000_000
LUNCH_RIAL = 2_000_000
PLAN_NAMES = {"fa": "ناهار کارکنان", "en": "Lunch of the staff", "ar": "غداء الموظفين", "ur": "عملے کا دوپہر کا کھانا"}
PLAN_DAYS = 365
SIGN_IN = "organisation"


def seed_benefits(keystore: KeyStore) -> None:
    """Each posting is the last of a unit of work of its own. Again: changes nothing."""
    with unit_of_work() as session:
        clerk = _demo.identity_named(session, SIGN_IN)
        operator = _demo.identity_named(session, "operator")
        organisation_id = _organisation(clerk)
        if funder(session, organisation_id) is not None:
            return
        held = budgets.open_sponsor(session, clerk.actor, organisation_id)
        today = local_day(clock.now())
        deposit = budgets.state_deposit(session, clerk, held, DEPOSIT_RIAL, "DEMO-1405-0001", today)
        for number, holder in enumerate(_demo.read("cardholders.json")[:MEMBERS]):
            name = next(iter(holder["names"].values()))
            card = cards.number_of_card(session, keystore, _demo.chip_of(number))
            members.add_one(session, clerk, keystore, held, {"name": name, "card": card, "group": GROUP})
        waiting = {"name": WAITING[0], "national_id": WAITING[1], "group": GROUP}
        members.add_one(session, clerk, keystore, held, waiting)
        asked = PlanAsked(
            PLAN_NAMES, LUNCH_RIAL, Recurs.MONTHLY, today, today + timedelta(days=PLAN_DAYS), (ShopKind.RESTAURANT,),
            (city_by_code(session, _demo.CITY).id,),
        )  # fmt: skip
        plan = begin_plan(session, clerk.actor, organisation_id, asked)
    with unit_of_work() as session:
        budgets.confirm_deposit(session, operator, deposit.id)
    with unit_of_work() as session:
        funding.fund(session, clerk.actor, organisation_id, plan.id)
    with unit_of_work() as session:
        funding.give_waiting(session)


def _organisation(clerk: Identity) -> int:
    return next(grant.organisation_id for grant in clerk.grants if grant.organisation_id is not None)
