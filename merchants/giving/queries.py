"""Named reads of giving."""

from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Exists, Row, Select, func, select
from sqlalchemy.orm import Session

from identity.models import Organisation
from merchants.giving.errors import ReceiverNotFound
from merchants.giving.models import Giving, Receiver
from merchants.models import Merchant
from merchants.settlement.models import BankAccount


class ReceiverRow(Struct, frozen=True):
    """`is_approved`: its bank account is approved and can be paid to, so that people may give to it."""

    receiver_id: int
    organisation_id: int
    wallet_id: int
    names: dict[str, str]
    about: dict[str, str]
    causes: tuple[str, ...]
    registered_at: datetime
    is_approved: bool
    is_ended: bool
    givings: int = 0
    given_rial: int = 0


def receivers_open(session: Session, at: datetime, most: int = 100) -> list[ReceiverRow]:
    """Whom one may give to now, by the order of registering."""
    rows = session.execute(_rows(at).where(Receiver.ended_at.is_(None), _is_approved(at)).order_by(Merchant.id).limit(most))
    return [_receiver(row) for row in rows]


def receiver_open(session: Session, receiver_id: int, at: datetime) -> ReceiverRow:
    """Raises ReceiverNotFound for one that takes nothing now."""
    found = session.execute(
        _rows(at).where(Merchant.id == receiver_id, Receiver.ended_at.is_(None), _is_approved(at), Merchant.status == "active")
    ).one_or_none()
    if found is None:
        raise ReceiverNotFound(field="receiver")
    return _receiver(found)


def receivers_page(session: Session, at: datetime, *, after: int = 0, limit: int = 20) -> list[ReceiverRow]:
    """All of them with what they were given. One query."""
    given = (
        select(Giving.receiver_id, func.count().label("givings"), func.sum(Giving.amount_rial).label("given_rial"))
        .group_by(Giving.receiver_id)
        .subquery()
    )
    page = (
        _rows(at)
        .add_columns(func.coalesce(given.c.givings, 0).label("givings"), func.coalesce(given.c.given_rial, 0).label("given_rial"))
        .outerjoin(given, given.c.receiver_id == Receiver.merchant_id)
        .where(Merchant.id > after)
        .order_by(Merchant.id)
        .limit(limit)
    )
    return [_receiver(row, row.givings, int(row.given_rial)) for row in session.execute(page)]


def cause_of_entry(session: Session, business_date: date, entry_id: int) -> str | None:
    """What an entry was given for; None for one that is no giving."""
    giving = session.get(Giving, (business_date, entry_id))
    return giving.cause if giving else None


def _is_approved(at: datetime) -> Exists:
    return (
        select(BankAccount.id)
        .where(BankAccount.merchant_id == Receiver.merchant_id, BankAccount.status == "approved", BankAccount.usable_from <= at)
        .exists()
    )


def _rows(at: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Merchant.id, Merchant.organisation_id, Merchant.wallet_id, Organisation.names, Receiver.about, Receiver.causes,
            Receiver.registered_at, _is_approved(at).label("is_approved"), Receiver.ended_at.is_not(None).label("is_ended"),
        )
        .join(Receiver, Receiver.merchant_id == Merchant.id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
    )  # fmt: skip


def _receiver(row: Row[Any], givings: int = 0, given_rial: int = 0) -> ReceiverRow:
    return ReceiverRow(
        row.id, row.organisation_id, row.wallet_id, row.names, row.about, tuple(row.causes), row.registered_at, row.is_approved,
        row.is_ended, givings, given_rial,
    )  # fmt: skip
