"""Version 1 of the API, under /api/v1. Bodies are JSON; see docs of each route for their members."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from msgspec import Struct
from sqlalchemy.orm import Session

from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import CardProfile
from cardbank.statements import LONGEST_PERIOD, StatementLine, balances, statement
from identity import services as identity
from identity.permissions import Identity, Permission
from identity.second_step import prove_fully
from identity.tokens import ACCESS_LIFE
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.web.routes import route
from kernel.web.visit import Visit
from merchants.queries import branch_names_of_terminals
from mobile_api.bearer import access_tokens

blueprint = Blueprint("mobile_api", __name__, url_prefix="/api/v1")

STATEMENT_DAYS = 90
MOST_LINES = 100

T = TypeVar("T")


class Credentials(Struct, forbid_unknown_fields=True):
    name: str
    password: str
    code: str = ""


class Refresh(Struct, forbid_unknown_fields=True):
    refresh_token: str


@route(blueprint, "/session", public=True, methods=["POST"])
def begin_session(visit: Visit) -> ResponseReturnValue:
    """`{name, password}` → a pair of tokens; who has an authenticator adds its `code`.

    401 sign_in_refused, second_step_due, one_time_code_refused, 429 too_many_sign_in_tries.
    """
    typed = body_of(Credentials)
    person = prove_fully(visit.session, typed.name, typed.password, typed.code)
    return _pair(person, identity.begin_refresh(visit.session, person.sign_in_id)), 201


@route(blueprint, "/session/refresh", public=True, methods=["POST"])
def refresh_session(visit: Visit) -> ResponseReturnValue:
    """`{refresh_token}` → a new pair; the given token is used up. 401 token_refused."""
    person, successor = identity.rotate_refresh(visit.session, body_of(Refresh).refresh_token)
    return _pair(person, successor)


@route(blueprint, "/session/end", public=True, methods=["POST"])
def end_session(visit: Visit) -> ResponseReturnValue:
    """`{refresh_token}` → 204; no token of its family can be refreshed any more. Unknown tokens are no error."""
    identity.end_refresh(visit.session, body_of(Refresh).refresh_token)
    return "", 204


@route(blueprint, "/balance", permission=Permission.CARDBANK_BALANCE_VIEW)
def balance(visit: Visit) -> ResponseReturnValue:
    """Each wallet of the holder: its cards, and what is in it now. Whole Rial."""
    at = clock.now()
    return {
        "at": at.isoformat(),
        "wallets": [_wallet(visit.session, *held, at) for held in _wallets(visit).items()],
    }


@route(blueprint, "/statement", permission=Permission.CARDBANK_STATEMENT_VIEW)
def statement_page(visit: Visit) -> ResponseReturnValue:
    """One wallet's entries, newest first. Query: `wallet` (default: the newest card's), `from`, `to` (business days, ISO;
    default: the last 90), `limit` (1–100, default 20), `cursor` (`next` of the page before).
    """
    wallets = _wallets(visit)
    wallet_id = _number("wallet", next(iter(wallets), 0), least=0)
    if wallet_id not in wallets:
        raise NotFound(wallet=wallet_id)
    last = _day("to", local_day(clock.now()))
    first = _day("from", date.fromordinal(max(1, last.toordinal() - STATEMENT_DAYS)))
    if not timedelta(0) <= last - first <= LONGEST_PERIOD:
        raise BadInput(field="from")
    limit = _number("limit", 20, least=1, most=MOST_LINES)
    try:
        page = statement(visit.session, wallet_id, first, last, before=request.args.get("cursor"), most=limit)
    except (ValueError, OverflowError):
        raise BadInput(field="cursor") from None
    shops = branch_names_of_terminals(
        visit.session, {line.terminal_id for line in page.lines if line.terminal_id}
    )
    return {
        "wallet": wallet_id,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "entries": [_entry(line, shops) for line in page.lines],
        "next": page.older,
    }


def body_of(shape: type[T]) -> T:
    try:
        return msgspec.json.decode(request.get_data(), type=shape)
    except msgspec.ValidationError as fault:
        named = re.search(r"(?:field |\$\.)`?(\w+)`$", str(fault))
        raise BadInput(field=named[1] if named else "body") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput(field="body") from None


def _pair(person: Identity, refresh_token: str) -> dict[str, Any]:
    return {
        "access_token": access_tokens().mint(person.sign_in_id, clock.now()),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "refresh_token": refresh_token,
        "person": {"name": person.name, "language": person.language},
    }


def _wallets(visit: Visit) -> dict[int, list[CardProfile]]:
    """Wallet → the person's cards on it, newest first."""
    held: dict[int, list[CardProfile]] = {}
    for card in cards_of_person(visit.session, visit.identity.person_id):  # type: ignore[union-attr]
        if card.wallet_id is not None:
            held.setdefault(card.wallet_id, []).append(card)
    return held


def _wallet(session: Session, wallet_id: int, cards: Sequence[CardProfile], at: datetime) -> dict[str, Any]:
    purses = balances(session, wallet_id, at)
    soonest = purses.expires_next
    return {
        "wallet": wallet_id,
        "cards": [
            {"masked": card.masked, "status": card.status.value, "expires_on": card.expires_on.isoformat()}
            for card in cards
        ],
        "money_rial": purses.money_rial,
        "credit_rial": purses.credit_rial,
        "pending_rial": purses.pending_rial,
        "gift_rial": purses.gift_rial,
        "owed_rial": purses.owed_rial,
        "expires_next": soonest
        and {"amount_rial": soonest.balance_rial, "usable_until": soonest.usable_until.isoformat()},
    }


def _entry(line: StatementLine, shops: dict[int, dict[str, str]]) -> dict[str, Any]:
    return {
        "id": f"{line.business_date.isoformat()}-{line.entry_id}",
        "kind": line.kind.name.lower(),
        "at": line.decided_at.isoformat(),
        "amount_rial": line.amount_rial,
        "money_rial": line.money_rial,
        "credit_spent_rial": line.credit_spent_rial,
        "credit_earned_rial": line.credit_earned_rial,
        "is_reversed": line.is_reversed,
        "shop": shops.get(line.terminal_id) if line.terminal_id else None,
    }


def _number(name: str, default: int, *, least: int, most: int = 2**63 - 1) -> int:
    typed = request.args.get(name)
    if typed is None:
        return default
    if not (typed.isascii() and typed.isdigit() and least <= int(typed) <= most):
        raise BadInput(field=name)
    return int(typed)


def _day(name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name) or default.isoformat())
    except ValueError:
        raise BadInput(field=name) from None
