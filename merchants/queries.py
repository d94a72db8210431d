"""Reads of shops and their tills."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from identity.models import Organisation
from kernel import clock
from kernel.text import latin_digits, search_key
from loyalty.queries import programme_profile
from merchants.discounts.queries import terms_begun, terms_now
from merchants.errors import BranchIsClosed, BranchNotFound
from merchants.models import Branch, Contract, Merchant, Terminal
from merchants.onboarding.models import Application, Overseer
from merchants.rules import ShopKind, TerminalProfile, category
from merchants.till.models import ReceiptText
from places.models import City, CityOffice, Place


@dataclass(frozen=True, slots=True)
class MerchantRow:
    merchant_id: int
    organisation_id: int
    union_id: int | None
    names: dict[str, str]
    kind: str
    status: str
    is_fictional: bool
    branches: int
    terminals: int


@dataclass(frozen=True, slots=True)
class TerminalRow:
    terminal_id: int
    code: str
    acceptor_id: str
    status: str
    kind: str
    language: str
    initial_key_id: str
    opened_at: datetime
    branch_id: int
    branch_names: dict[str, str]
    merchant_id: int
    organisation_id: int
    merchant_names: dict[str, str]
    shop_kind: str
    shop_wallet_id: int
    lon: float
    lat: float


def terminal_profile(session: Session, code: str) -> TerminalProfile | None:
    """All that a sale needs to know of a till; None for an unknown code. Two or three reads; kept as a snapshot."""
    now = clock.now()
    in_force = and_(
        Contract.merchant_id == Merchant.id,
        Contract.starts_at <= now,
        or_(Contract.ends_at.is_(None), Contract.ends_at > now),
    )
    next_start = (
        select(func.min(Contract.starts_at))
        .where(Contract.merchant_id == Merchant.id, Contract.starts_at > now)
        .correlate(Merchant)
        .scalar_subquery()
        .label("next_start")
    )
    terms = terms_begun(now)
    row = session.execute(
        select(
            Terminal,
            Branch,
            Merchant,
            Contract,
            terms,
            ReceiptText.head,
            ReceiptText.foot,
            City.code.label("city_code"),
            City.id.label("city_id"),
            next_start,
        )
        .join(Branch, Branch.id == Terminal.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .join(Place, Place.id == Branch.place_id)
        .join(City, City.id == Place.city_id)
        .outerjoin(Contract, in_force)
        .outerjoin(terms, true())
        .outerjoin(ReceiptText, ReceiptText.merchant_id == Merchant.id)
        .where(Terminal.code == code)
    ).one_or_none()
    return _terminal_profile(session, row, now) if row else None


def _terminal_profile(session: Session, row: Row[*tuple[Any, ...]], now: datetime) -> TerminalProfile:
    terminal, branch, merchant, contract = row.Terminal, row.Branch, row.Merchant, row.Contract
    terms = terms_now(row, now)
    changes = [at for at in (contract.ends_at if contract else None, row.next_start, terms.ends_at) if at is not None]
    return TerminalProfile(
        terminal_id=terminal.id,
        code=terminal.code,
        acceptor_id=terminal.acceptor_id,
        status=terminal.status,
        language=terminal.language,
        initial_key_id=terminal.initial_key_id,
        branch_id=branch.id,
        branch_names=branch.names,
        merchant_id=merchant.id,
        shop_wallet_id=merchant.wallet_id,
        programme=programme_profile(session, contract.programme_id) if contract and contract.earns else None,
        purchase_limit_rial=contract.purchase_limit_rial if contract else None,
        city_code=row.city_code,
        shop_kind=merchant.kind,
        accepts_credit=bool(contract and contract.spends),
        shop_is_open=contract is not None and merchant.status == branch.status == "active",
        valid_until=min(changes, default=None),
        cash_limit_rial=contract.cash_limit_rial if contract else None,
        category=category(row.city_id, merchant.kind),
        cash_discount_basis_points=terms.basis_points,
        discounts_card_prices=terms.discounts_card_prices,
        receipt_head=row.head or {},
        receipt_foot=row.foot or {},
    )


def shops_in_reach(organisation_ids: Collection[int] | None) -> ColumnElement[bool]:
    """Which merchants people of these organisations may read about; all of them if None, for who reaches all.

    They are the merchants themselves, the members of unions among them, and whoever has a branch in a city that one of them
    oversees or is the office of.
    """
    if organisation_ids is None:
        return true()
    in_city = (
        exists()
        .where(Branch.merchant_id == Merchant.id, Place.id == Branch.place_id, Place.city_id.in_(cities_in_reach(organisation_ids)))
        .correlate(Merchant)
    )
    return or_(Merchant.organisation_id.in_(organisation_ids), Merchant.union_id.in_(organisation_ids), in_city)


def cities_in_reach(organisation_ids: Collection[int]) -> CompoundSelect[int]:
    """The cities that one of these organisations oversees or is the office of."""
    return union_all(
        select(Overseer.city_id).where(Overseer.organisation_id.in_(organisation_ids)),
        select(CityOffice.city_id).where(CityOffice.organisation_id.in_(organisation_ids)),
    )


def merchants_page(
    session: Session, organisation_ids: Collection[int] | None = None, *, after: int = 0, limit: int = 50
) -> list[MerchantRow]:
    """Merchants in reach of these organisations by id, with how many branches and terminals they have. One query."""
    # Counted for the shops of the page alone: a join with all branches would count the whole city for twenty rows.
    branches = select(func.count()).select_from(Branch).where(Branch.merchant_id == Merchant.id, Branch.status != "closed")
    terminals = (
        select(func.count())
        .select_from(Terminal)
        .join(Branch, Branch.id == Terminal.branch_id)
        .where(Branch.merchant_id == Merchant.id, Terminal.status != "closed")
    )
    page = (
        select(
            Merchant, Organisation.names, Organisation.is_fictional, branches.scalar_subquery().label("branches"),
            terminals.scalar_subquery().label("terminals"),
        )
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(Merchant.id > after, shops_in_reach(organisation_ids), Merchant.kind.in_(ShopKind))
        .order_by(Merchant.id)
        .limit(limit)
    )  # fmt: skip
    return [
        MerchantRow(
            row.Merchant.id, row.Merchant.organisation_id, row.Merchant.union_id, row.names, row.Merchant.kind,
            row.Merchant.status, row.is_fictional, row.branches, row.terminals,
        )
        for row in session.execute(page)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShopNamed:
    merchant_id: int
    names: dict[str, str]
    licence_number: str | None


def shops_called(session: Session, union_id: int, typed: str, *, limit: int = 2) -> list[ShopNamed]:
    """Shops of a union, not closed, whose number, guild licence or whole name this is. One query."""
    text = " ".join(latin_digits(typed).split())
    if re.fullmatch("[0-9]{1,18}", text):
        return _shops_of_union(session, union_id, (Merchant.id == int(text)) | (Application.licence_number == text), limit)
    whole = or_(*(Organisation.names[language].astext == " ".join(typed.split()) for language in ("fa", "en")))
    return _shops_of_union(session, union_id, whole, limit)


def shops_named(session: Session, union_id: int, typed: str, *, limit: int) -> list[ShopNamed]:
    """Those that are called so, else those whose names hold what was typed. Two queries."""
    found = shops_called(session, union_id, typed, limit=limit)
    if found or not search_key(typed):
        return found
    named = (Organisation.names[language].astext.icontains(" ".join(typed.split()), autoescape=True) for language in ("fa", "en"))
    return _shops_of_union(
        session, union_id, or_(Application.search_text.contains(search_key(typed), autoescape=True), *named), limit
    )


def _shops_of_union(session: Session, union_id: int, which: ColumnElement[bool], limit: int) -> list[ShopNamed]:
    page = (
        select(Merchant.id, Organisation.names, Application.licence_number)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(Application, Application.merchant_id == Merchant.id)
        .where(Merchant.union_id == union_id, Merchant.status != "closed", which)
        .order_by(Merchant.id)
        .limit(limit)
    )
    return [ShopNamed(row.id, row.names, row.licence_number) for row in session.execute(page)]


def merchant_by_id(session: Session, merchant_id: int) -> Merchant | None:
    return session.get(Merchant, merchant_id)


def lock_open_branch(session: Session, branch_id: int) -> Branch:
    """A branch that cannot be closed until this transaction ends. Raises BranchNotFound, BranchIsClosed."""
    wanted = select(Branch).where(Branch.id == branch_id).with_for_update(read=True, key_share=True)
    branch = session.scalar(wanted.execution_options(populate_existing=True))
    if branch is None:
        raise BranchNotFound(branch_id=branch_id)
    if branch.status == "closed":
        raise BranchIsClosed
    return branch


def merchants_of_organisations(session: Session, organisation_ids: Collection[int]) -> list[Merchant]:
    own = select(Merchant).where(Merchant.organisation_id.in_(organisation_ids))
    return list(session.scalars(own.order_by(Merchant.id)))


def terminals_page(
    session: Session,
    organisation_ids: Collection[int] | None = None,
    *,
    branch_ids: Collection[int] = (),
    after: str = "",
    limit: int = 50,
) -> list[TerminalRow]:
    """Terminals by code with their shop and position: of some merchants' organisations, or all if None, and of single
    branches beside. One query.
    """
    page = _terminals().where(Terminal.code > after).order_by(Terminal.code).limit(limit)
    if organisation_ids is not None:
        page = page.where(or_(Merchant.organisation_id.in_(organisation_ids), Branch.id.in_(branch_ids)))
    return [_terminal_row(row) for row in session.execute(page)]


def terminal_by_code(session: Session, code: str) -> TerminalRow | None:
    row = session.execute(_terminals().where(Terminal.code == code)).one_or_none()
    return _terminal_row(row) if row else None


def terminals_by_id(session: Session, terminal_ids: Collection[int]) -> dict[int, TerminalRow]:
    """Terminals with their shop and position, also closed ones. One query."""
    rows = session.execute(_terminals().where(Terminal.id.in_(terminal_ids)))
    return {row.Terminal.id: _terminal_row(row) for row in rows}


def _terminals() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Terminal, Branch.names.label("branch_names"), Merchant, Organisation.names.label("merchant_names"),
            func.ST_X(Place.position).label("lon"), func.ST_Y(Place.position).label("lat"),
        )
        .join(Branch, Branch.id == Terminal.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .join(Place, Place.id == Branch.place_id)
    )  # fmt: skip


def _terminal_row(row: Row[*tuple[Any, ...]]) -> TerminalRow:
    terminal, merchant = row.Terminal, row.Merchant
    return TerminalRow(
        terminal.id, terminal.code, terminal.acceptor_id, terminal.status, terminal.kind, terminal.language,
        terminal.initial_key_id, terminal.opened_at, terminal.branch_id, row.branch_names, merchant.id, merchant.organisation_id,
        row.merchant_names, merchant.kind, merchant.wallet_id, row.lon, row.lat,
    )  # fmt: skip


def shop_names(session: Session, wallet_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Shop wallet → names of its merchant, for statements and receipts."""
    named = select(Merchant.wallet_id, Organisation.names).join(Organisation, Organisation.id == Merchant.organisation_id)
    rows = session.execute(named.where(Merchant.wallet_id.in_(wallet_ids)))
    return {row.wallet_id: row.names for row in rows}


def branch_names_of_terminals(session: Session, terminal_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Terminal → names of its branch, for receipts."""
    if not terminal_ids:
        return {}
    named = select(Terminal.id, Branch.names).join(Branch, Branch.id == Terminal.branch_id)
    rows = session.execute(named.where(Terminal.id.in_(terminal_ids)))
    return {row.id: row.names for row in rows}


def branches_of_organisation(session: Session, organisation_id: int) -> dict[int, dict[str, str]]:
    """The names of every branch that an organisation's shops have; empty for who has none, as a union."""
    owned = select(Branch.id, Branch.names).join(Merchant, Merchant.id == Branch.merchant_id)
    rows = session.execute(owned.where(Merchant.organisation_id == organisation_id).order_by(Branch.id))
    return {row.id: row.names for row in rows}


def branch_of_terminal(session: Session, terminal_id: int | None) -> int | None:
    return session.scalar(select(Terminal.branch_id).where(Terminal.id == terminal_id))
