"""A street of shops with sales, credit, returns and a payout: what reports are tested on."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from identity.models import Organisation
from insights.reports.rules import Asked, By, Report, Scope
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Merchant, Terminal
from merchants.onboarding.models import Overseer
from merchants.settlement.services.pricing import price_lines
from merchants.settlement.services.terms import begin_term
from places.services import open_city_office
from tests import factories
from tests.factories import ACTOR
from tests.merchants.settlement import trade
from tests.purchases import purchase, reverse

PLATFORM = Scope(None, is_pooled=False)


@dataclass
class Street:
    shops: list[Merchant]
    tills: list[Terminal]
    union: Organisation
    municipality: Organisation
    office: Organisation
    outsider: Merchant

    def of(self, organisation_id: int, *, is_pooled: bool = False) -> Scope:
        return Scope(organisation_id, is_pooled)


def street(session: Session, shops: int = 4) -> Street:
    """Shops of one union, each with a till in Mashhad, and one shop of nobody's, without a branch."""
    union, municipality, office = (factories.organisation(session, kind) for kind in ("union", "municipality", "city_office"))
    city = factories.city(session)
    session.add(Overseer(city_id=city.id, organisation_id=municipality.id))
    open_city_office(session, ACTOR, office.id, city.id)
    club = factories.programme(session)
    made, tills = [], []
    for number in range(shops):
        shop = factories.merchant(session, kind=("books", "sweets")[number % 2], union_id=union.id)
        factories.contract(session, shop.id, programme_id=club.id)
        begin_term(session, ACTOR, basis_points=150, starts_at=clock.now(), merchant_id=shop.id)
        tills.append(factories.terminal(session, shop=shop))
        made.append(shop)
    outsider = factories.merchant(session)
    session.commit()
    return Street(made, tills, union, municipality, office, outsider)


def trade_a_day(session: Session, at: Street) -> None:
    """Each till sells twice, once with credit; one sale is reversed, one returned in part; the outsider sells, too."""
    for number, till in enumerate(at.tills, 1):
        card = factories.card(session, money_rial=10_000_000)
        session.commit()
        purchase(session, till.code, card, 1_000_000 * number)
        key, _ = purchase(session, till.code, card, 70_000 * number + 7, spend_credit=True)
        if number == 1:
            reverse(session, till.code, card, key, 70_007)
    wallet = trade.holder(session)
    sold = trade.sale(wallet, at.shops[1], 333_333)
    [answer] = trade.post(session, sold)
    trade.post(session, trade.returned(sold, answer, 33_333), trade.sale(wallet, at.outsider, 5_000_000))
    price_lines(session)
    session.commit()


def asked(by: By, report: Report = Report.SALES, **filters: Any) -> Asked:
    today = local_day(clock.now())
    return Asked(report, today - timedelta(days=3), today, by, **filters)


def ledger_of(session: Session, shops: list[Merchant]) -> dict[str, int]:
    """What the ledger itself says of these shops, read past settlement: the legs of their accounts and of their entries."""
    facts = {"wallets": [shop.wallet_id for shop in shops]}
    owed = session.execute(
        text("""SELECT e.kind, sum(p.amount)::bigint AS amount, count(*) AS entries FROM ledger.posting p
                JOIN ledger.account a ON a.id = p.account_id AND a.kind = 20 AND a.wallet_id = ANY(:wallets)
                JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id AND e.kind <> 12
                GROUP BY e.kind"""), facts,
    )  # fmt: skip
    rows = {row.kind: (row.amount, row.entries) for row in owed}
    credit = session.execute(
        text("""SELECT coalesce(-sum(p.amount) FILTER (WHERE a.kind = 31), 0)::bigint AS given,
                       coalesce(-sum(p.amount) FILTER (WHERE a.kind = 4 AND p.rule_id IS NULL), 0)::bigint AS used
                FROM ledger.entry e
                JOIN ledger.posting p ON p.business_date = e.business_date AND p.entry_id = e.id
                JOIN ledger.account a ON a.id = p.account_id WHERE e.shop_id = ANY(:wallets)"""), facts,
    ).one()  # fmt: skip
    return {
        "sale_entries": rows[1][1], "sales_rial": rows[1][0], "returns_rial": rows.get(3, (0, 0))[0],
        "reversals_rial": rows.get(5, (0, 0))[0], "credit_used_rial": credit.used, "credit_given_rial": credit.given,
    }  # fmt: skip


def today() -> date:
    return local_day(clock.now())
