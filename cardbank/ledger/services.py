"""Posting within another transaction, and opening wallets and accounts. None of these commits."""

from collections.abc import Collection, Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.errors import LedgerBusy
from cardbank.ledger.posting import post as post_steps
from cardbank.ledger.store import run
from cardbank.ledger.types import RIAL, AccountKind, Answer, PostingRequest, Terms, WalletKind
from kernel import clock

# Stale version, changed original, closed day, key taken meanwhile, row or key held: see schema/posting.sql.
BUSY = frozenset({"PL001", "PL002", "PL003", "23505", "55P03"})


def post(session: Session, requests: Sequence[PostingRequest]) -> list[Answer]:
    """Post all `requests` in order within the session's transaction: an answer each, declines included.

    Called once per unit of work, last before it commits: the wallets stay locked until then. A request may name an
    earlier one of the same call as its original (the arrival of a transfer names its departure). Raises LedgerBusy.
    """
    session.flush()
    try:
        connection = cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
        return run(connection, post_steps(requests, clock.now))
    except psycopg.Error as error:
        if error.sqlstate in BUSY:
            raise LedgerBusy from None
        raise


def open_wallet(session: Session, kind: WalletKind, unit: int = RIAL) -> int:
    """A new wallet with the accounts that its kind has from the start. Returns its id."""
    opened = session.execute(text("SELECT ledger.open_wallet(CAST(:kind AS smallint), :unit)"), {"kind": int(kind), "unit": unit})
    return cast("int", opened.scalar_one())


def open_account(
    session: Session,
    wallet_id: int,
    kind: AccountKind,
    unit: int = RIAL,
    *,
    member_id: int | None = None,
    floor: int | None = None,
    terms: Terms | None = None,
    slot: int = 0,
) -> int:
    """One more account of a wallet, at balance 0. Returns its id.

    `floor` None takes the chart's own. Whatever is being decided on the wallet at this moment is decided again. A second
    MONEY account of one unit is refused by the database (IntegrityError).
    """
    opened = session.execute(
        text(
            """SELECT ledger.open_account(:wallet, CAST(:kind AS smallint), :unit, :member, :floor, :programme, :funder,
                                          :scope, :usable_from, :usable_until, CAST(:slot AS smallint))"""
        ),
        {
            "wallet": wallet_id,
            "kind": int(kind),
            "unit": unit,
            "member": member_id,
            "floor": floor,
            "programme": terms and terms.programme_id,
            "funder": terms and terms.funder_id,
            "scope": terms and terms.scope_id,
            "usable_from": terms and terms.usable_from,
            "usable_until": terms and terms.usable_until,
            "slot": slot,
        },
    )
    return cast("int", opened.scalar_one())


def widen_line(session: Session, account_id: int, limit: int) -> None:
    """Let a LINE account go down to −limit. It is never narrowed: what was posted on it stays above its floor."""
    session.execute(text("SELECT ledger.widen_line(:account, :limit)"), {"account": account_id, "limit": limit})


def limit_member(
    session: Session, wallet_id: int, member_id: int, *, day: int | None, month: int | None, scope_id: int | None, unit: int = RIAL
) -> None:
    """What a member may spend of a shared wallet in a day and in a Jalali month, and where; None = no limit. The old ones end."""
    session.execute(
        text("SELECT ledger.limit_member(:wallet, :member, :unit, :day, :month, :scope)"),
        {"wallet": wallet_id, "member": member_id, "unit": unit, "day": day, "month": month, "scope": scope_id},
    )


def hold(session: Session, *wallet_ids: int) -> None:
    """Lock wallets in id order, for a posting that moves more than one of them in turn."""
    session.execute(text("SELECT ledger.lock_wallets(CAST(:wallets AS bigint[]))"), {"wallets": sorted(wallet_ids)})


def touch(session: Session, *wallet_ids: int) -> None:
    """Say that something a decision on these wallets reads has changed: card state, limit, membership."""
    session.execute(text("SELECT ledger.touch(CAST(:wallets AS bigint[]))"), {"wallets": sorted(wallet_ids)})


def open_scope(session: Session, *, shops: Collection[int] | None, categories: Collection[int] | None) -> int:
    """Where a purse may be spent: in these shops (wallet ids), for these categories of a basket's lines; None = any.

    Returns its id. A scope never changes; one that limits nothing is refused by the database (IntegrityError).
    """
    opened = session.execute(
        text("SELECT ledger.open_scope(CAST(:shops AS bigint[]), CAST(:categories AS int[]))"),
        {
            "shops": None if shops is None else sorted(set(shops)),
            "categories": None if categories is None else sorted(set(categories)),
        },
    )
    return cast("int", opened.scalar_one())
