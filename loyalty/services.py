"""Use cases of programmes."""

from datetime import datetime
from typing import Literal

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.ledger.services import open_wallet
from cardbank.ledger.types import WalletKind
from kernel import audit, clock, outbox
from kernel.audit import Actor
from kernel.languages import LANGUAGES
from loyalty.errors import EarnRuleHasEnded, EarnRuleNotFound, ProgrammeNotFound
from loyalty.events import ProgrammeChanged
from loyalty.models import EarnRule, Programme
from loyalty.rules import EarnRuleProfile, check_earn_rule, explain


def found_programme(
    session: Session,
    actor: Actor,
    code: str,
    names: dict[str, str],
    objective: Literal["acquire", "retain"],
    funder_id: int | None = None,
) -> Programme:
    """Begin a club with a wallet of its own, which also pays for its credit unless `funder_id` names another wallet."""
    wallet_id = open_wallet(session, WalletKind.PROGRAMME)
    programme = Programme(id=wallet_id, code=code, names=names, objective=objective, funder_id=funder_id or wallet_id)
    session.add(programme)
    session.flush()
    audit.record(session, actor, "found", "programme", programme.id, after={"code": code, "objective": objective})
    return programme


def begin_earn_rule(  # noqa: PLR0913 - a rule is nothing but its figures
    session: Session,
    actor: Actor,
    programme_id: int,
    *,
    starts_at: datetime,
    ends_at: datetime | None = None,
    basis_points: int = 0,
    fixed_rial: int = 0,
    most_rial: int,
    minimum_rial: int = 0,
    usable_after_days: int = 0,
    valid_days: int,
) -> EarnRule:
    """Begin a rule; its sentence in every language is kept with it. Raises WrongEarnRule, ProgrammeNotFound."""
    if session.get(Programme, programme_id) is None:
        raise ProgrammeNotFound(programme=programme_id)
    figures = EarnRuleProfile(
        0,
        starts_at,
        ends_at,
        basis_points,
        fixed_rial,
        most_rial,
        minimum_rial,
        usable_after_days,
        valid_days,
    )
    check_earn_rule(figures)
    columns = asdict(figures)
    del columns["rule_id"]
    sentence = {language: explain(figures, language) for language in LANGUAGES}
    rule = EarnRule(programme_id=programme_id, sentence=sentence, **columns)
    session.add(rule)
    session.flush()
    audit.record(session, actor, "begin", "earn_rule", rule.id, after={"sentence": sentence["en"]})
    outbox.publish(session, ProgrammeChanged(programme_id))
    return rule


def end_earn_rule(session: Session, actor: Actor, rule_id: int, why: str) -> None:
    """The rule gives nothing from now on. Raises EarnRuleNotFound, EarnRuleHasEnded."""
    rule = session.scalar(select(EarnRule).where(EarnRule.id == rule_id).with_for_update())
    if rule is None:
        raise EarnRuleNotFound(rule_id=rule_id)
    if rule.ends_at is not None:
        raise EarnRuleHasEnded(rule_id=rule_id)
    rule.ends_at = max(clock.now(), rule.starts_at)
    audit.record(session, actor, "end", "earn_rule", rule_id, why=why)
    outbox.publish(session, ProgrammeChanged(rule.programme_id))


def suspend_programme(session: Session, actor: Actor, programme_id: int, why: str) -> None:
    """Its rules give nothing until it is resumed; credit given stays."""
    _set_status(session, actor, programme_id, "suspended", why)


def resume_programme(session: Session, actor: Actor, programme_id: int, why: str) -> None:
    _set_status(session, actor, programme_id, "active", why)


def _set_status(session: Session, actor: Actor, programme_id: int, status: str, why: str) -> None:
    programme = session.scalar(select(Programme).where(Programme.id == programme_id).with_for_update())
    if programme is None:
        raise ProgrammeNotFound(programme=programme_id)
    before, programme.status = programme.status, status
    audit.record(
        session,
        actor,
        "set_status",
        "programme",
        programme_id,
        before={"status": before},
        after={"status": status},
        why=why,
    )
    outbox.publish(session, ProgrammeChanged(programme_id))
