"""Who buys where, for groups of customers and for a person's own list of who may write: shops and tills are known here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, Date, Integer, Select, and_, column, func, select, table
from sqlalchemy.orm import Session

from cardbank.cards.models import Card, Member
from identity.consents import Agreement, agreements_of
from identity.models import Organisation
from loyalty.benefits.models import BenefitMember
from loyalty.groups.queries import since
from loyalty.groups.rules import Asked
from merchants.models import Branch, Merchant, Terminal
from merchants.settlement.models import PricedLine
from places.models import City, Place

LOOKED_BACK = timedelta(days=365)
MOST_SENDERS = 100

_ENTRY = table(
    "entry", column("business_date", Date), column("id", BigInteger), column("card_id", BigInteger), column("wallet_id", BigInteger),
    column("shop_id", BigInteger), column("kind", Integer), schema="ledger",
)  # fmt: skip
PURCHASE = 1


@dataclass(frozen=True, slots=True)
class Sender:
    """An organisation that a person bought from or is a member of; `since` is None where it may not write."""

    organisation_id: int
    names: dict[str, str]
    since: datetime | None


def visitors(asked: Asked, today: date, organisation_id: int | None) -> Select[int]:
    """Who bought so often: in the shops of an organisation, in any for the operator (None). Members of an organisation that has no
    shop are its visitors wherever they bought.
    """
    bought = (
        select(Member.person_id)
        .select_from(PricedLine)
        .join(_ENTRY, and_(_ENTRY.c.business_date == PricedLine.business_date, _ENTRY.c.id == PricedLine.entry_id))
        .join(Card, Card.id == _ENTRY.c.card_id)
        .join(Member, Member.id == Card.member_id)
        .where(PricedLine.part == "sale", PricedLine.business_date >= since(asked, today), Member.person_id.is_not(None))
        .group_by(Member.person_id)
        .having(func.count() >= asked.visits)
    )
    if organisation_id is not None:
        own = select(Merchant.id).where(Merchant.organisation_id == organisation_id)
        members = select(BenefitMember.person_id).where(
            BenefitMember.organisation_id == organisation_id, BenefitMember.removed_at.is_(None)
        )
        bought = bought.where(PricedLine.merchant_id.in_(own) | (~own.exists() & Member.person_id.in_(members)))
    if asked.city:
        bought = bought.where(
            PricedLine.terminal_id.in_(
                select(Terminal.id)
                .join(Branch, Branch.id == Terminal.branch_id)
                .join(Place, Place.id == Branch.place_id)
                .join(City, City.id == Place.city_id)
                .where(City.code == asked.city)
            )
        )
    return bought  # type: ignore[return-value]


def senders_of(session: Session, person_id: int, today: date) -> list[Sender]:
    """Who may write to a person, then who might ask to: shops bought from within a year, organisations one is a member of. Two queries."""
    agreed = agreements_of(session, person_id)
    own_wallets = (
        select(Card.wallet_id)
        .join(Member, Member.id == Card.member_id)
        .where(Member.person_id == person_id, Card.wallet_id.is_not(None))
    )
    shops = (
        select(_ENTRY.c.shop_id)
        .where(_ENTRY.c.wallet_id.in_(own_wallets), _ENTRY.c.business_date >= today - LOOKED_BACK, _ENTRY.c.kind == PURCHASE)
        .distinct()
    )
    sponsors = select(BenefitMember.organisation_id).where(BenefitMember.person_id == person_id, BenefitMember.removed_at.is_(None))
    known = select(Merchant.organisation_id).where(Merchant.wallet_id.in_(shops)).union(sponsors)
    rows = session.execute(
        select(Organisation.id, Organisation.names).where(Organisation.id.in_(known)).order_by(Organisation.id).limit(MOST_SENDERS)
    )
    may = {one.organisation_id for one in agreed}
    return [*map(_as_sender, agreed), *(Sender(row.id, row.names, None) for row in rows if row.id not in may)]


def _as_sender(one: Agreement) -> Sender:
    return Sender(one.organisation_id, one.names, one.since)
