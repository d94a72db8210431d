"""A sponsor with money, members and a plan, made through the use cases that make them."""

from datetime import date
from itertools import count

from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from identity.permissions import Identity, Role
from identity.rules import national_id_check_digit
from kernel import clock
from kernel.calendar import jalali_month, local_day
from loyalty.benefits.models import BenefitMember, Plan, Run, Sponsor
from loyalty.benefits.queries import funder
from loyalty.benefits.rules import Recurs
from loyalty.benefits.services import budgets, funding, members
from merchants.benefits.services import PlanAsked, begin_plan
from tests import factories

_numbers = count(100_000_001)
AMOUNT_RIAL = 500_000


def national_id() -> str:
    nine = str(next(_numbers))
    return f"{nine}{national_id_check_digit(nine)}"


def today() -> date:
    return local_day(clock.now())


class House:
    """An organisation that pays, with somebody who acts for it and an operator who confirms."""

    def __init__(self, session: Session, budget_rial: int = 10_000_000) -> None:
        self.session = session
        self.keystore = factories.keystore()
        organisation = factories.organisation(session, "sponsor")
        self.organisation_id = organisation.id
        self.clerk, _ = factories.account(session, Role.SPONSOR, organisation_id=organisation.id)
        self.operator, _ = factories.account(session, Role.OPERATOR)
        self.sponsor: Sponsor = budgets.open_sponsor(session, factories.ACTOR, organisation.id)
        self.city_id = factories.city(session).id
        session.commit()
        if budget_rial:
            self.deposit(budget_rial)

    def deposit(self, amount_rial: int) -> None:
        stated = budgets.state_deposit(self.session, self.clerk, self.sponsor, amount_rial, f"REF{next(_numbers)}", today())
        self.session.commit()
        budgets.confirm_deposit(self.session, self.operator, stated.id)
        self.session.commit()

    def member(self, number: str | None = None, *, group: str = "", name: str = "کارمند نمونه") -> BenefitMember:
        typed = {"name": name, "national_id": number or national_id(), "group": group}
        added = members.add_one(self.session, self.clerk, self.keystore, self.sponsor, typed)
        self.session.commit()
        return added

    def member_with_card(self) -> tuple[BenefitMember, Card]:
        added = self.member()
        card = factories.card(self.session, person_id=added.person_id, money_rial=1_000_000)
        self.session.commit()
        return added, card

    def plan(self, *, kinds: tuple[str, ...] = ("restaurant",), recurs: Recurs = Recurs.MONTHLY, **changes: object) -> Plan:
        facts = {
            "names": {"fa": "ناهار"}, "amount_rial": AMOUNT_RIAL, "recurs": recurs, "starts_on": today(),
            "ends_on": jalali_month(today())[1], "kinds": kinds, "cities": (self.city_id,),
        }  # fmt: skip
        begun = begin_plan(self.session, self.clerk.actor, self.organisation_id, PlanAsked(**facts | changes))
        self.session.commit()
        return begun

    def fund(self, plan: Plan, by: Identity | None = None) -> Run:
        run = funding.fund(self.session, (by or self.clerk).actor, self.organisation_id, plan.id)
        self.session.commit()
        return run

    def give(self) -> int:
        given = funding.give_waiting(self.session)
        self.session.commit()
        return given


def begin_work(session: Session, clerk: Identity) -> int:
    """For pictures: a deposit that waits for a second person, and a list whose national id is too short. The list's id."""
    house = funder(session, clerk.grants[0].organisation_id or 0)
    assert house is not None
    budgets.state_deposit(session, clerk, house, 70_000_000, "REF-2", today())
    return members.begin_list(session, clerk, house, "نام,کد ملی,گروه\nعلی نمونه,123,کارکنان\n".encode()).id
