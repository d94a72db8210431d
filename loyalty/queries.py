"""Reads of programmes and their rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kernel import clock
from loyalty.errors import ProgrammeNotFound
from loyalty.models import EarnRule, Programme
from loyalty.rules import EarnRuleProfile, ProgrammeProfile


def programme_profile(session: Session, programme_id: int) -> ProgrammeProfile | None:
    """An active programme with the rules that hold now or will; None when suspended or unknown."""
    programme = session.get(Programme, programme_id)
    if programme is None or programme.status != "active":
        return None
    rules = session.scalars(
        select(EarnRule)
        .where(
            EarnRule.programme_id == programme_id,
            or_(EarnRule.ends_at.is_(None), EarnRule.ends_at > clock.now()),
        )
        .order_by(EarnRule.id)
    )
    return ProgrammeProfile(
        programme_id=programme.id,
        code=programme.code,
        names=programme.names,
        funder_id=programme.funder_id,
        rules=tuple(profile_of_rule(rule) for rule in rules),
    )


def profile_of_rule(rule: EarnRule) -> EarnRuleProfile:
    return EarnRuleProfile(
        rule_id=rule.id,
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
        basis_points=rule.basis_points,
        fixed_rial=rule.fixed_rial,
        most_rial=rule.most_rial,
        minimum_rial=rule.minimum_rial,
        usable_after_days=rule.usable_after_days,
        valid_days=rule.valid_days,
    )


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What a programme promises now, as the sentence of its rule says it."""

    rule_id: int
    programme_names: dict[str, str]
    sentence: dict[str, str]
    ends_at: datetime | None


def offers_in_force(session: Session, at: datetime, *, after: int = 0, limit: int = 20) -> list[OfferRow]:
    """Rules of active programmes that hold now, by id. One query."""
    in_force = (EarnRule.starts_at <= at) & or_(EarnRule.ends_at.is_(None), EarnRule.ends_at > at)
    rows = session.execute(
        select(EarnRule.id, Programme.names, EarnRule.sentence, EarnRule.ends_at)
        .join(Programme, Programme.id == EarnRule.programme_id)
        .where(Programme.status == "active", in_force, EarnRule.id > after)
        .order_by(EarnRule.id)
        .limit(limit)
    )
    return [OfferRow(*row) for row in rows]


def programme_by_code(session: Session, code: str) -> Programme:
    """Raises ProgrammeNotFound."""
    programme = session.scalar(select(Programme).where(Programme.code == code))
    if programme is None:
        raise ProgrammeNotFound(programme=code)
    return programme


def programme_names(session: Session, programme_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    rows = session.execute(select(Programme.id, Programme.names).where(Programme.id.in_(list(programme_ids))))
    return {row.id: row.names for row in rows}


def sentences_of_rules(session: Session, rule_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """rule id → language → the sentence of the rule as it stood when it began."""
    rows = session.execute(select(EarnRule.id, EarnRule.sentence).where(EarnRule.id.in_(list(rule_ids))))
    return {row.id: row.sentence for row in rows}
