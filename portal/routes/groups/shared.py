"""For which organisation a page of groups or letters is, what it may be told, and refusals beside their fields."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from identity.permissions import PLATFORM_ROLES, Identity, Permission
from identity.queries import names_of_organisations
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError, NotFound
from loyalty.groups.queries import Visitors, count_reached, people_in, question_of
from loyalty.groups.rules import CHOSEN, told_count
from merchants.customers import visitors
from portal import letter_words, words


@dataclass(frozen=True, slots=True)
class Writer:
    """The organisation that a page is for; the platform's operator reaches everybody, the others who agreed."""

    organisation_id: int
    is_operator: bool


def writer_of(visit: Visit, permission: Permission) -> Writer:
    """The asked organisation of the person, else the first. Raises NotFound for others, also for the operator."""
    identity: Identity = visit.identity
    own = {
        grant.organisation_id: grant.role in PLATFORM_ROLES
        for grant in identity.grants
        if grant.allows(permission, grant.organisation_id)
    }
    asked = request.values.get("organisation", min(filter(None, own), default=None), type=int)
    if asked is None or asked not in own:
        raise NotFound
    return Writer(asked, own[asked])


def visitors_of(writer: Writer, group: Any) -> Visitors | None:
    """Who fits a group's question now, None where its members are listed."""
    asked = question_of(group)
    if asked is None:
        return None
    return visitors(asked, local_day(clock.now()), None if writer.is_operator else writer.organisation_id)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of a group may be written to, and in which languages and by what, each as far as it may be told; `total` is None for some,
    but too few to be told. `counted` is not for pages.
    """

    total: int | None
    by_language: dict[str, int]
    by_channel: dict[str, int]
    counted: dict[str, dict[str, int]]


def reach_of(session: Session, writer: Writer, group: Any, channel: str = CHOSEN) -> Reach:
    people = people_in(group, visitors_of(writer, group))
    counted = count_reached(session, writer.organisation_id, people, is_operator=writer.is_operator, channel=channel)
    by_language: Counter[str] = Counter()
    for one in counted.values():
        by_language.update(one)
    total = told_count(by_language.total(), is_operator=writer.is_operator)

    def told(counts: dict[str, int]) -> dict[str, int]:
        return {one: count for one, count in counts.items() if total and told_count(count, is_operator=writer.is_operator)}

    return Reach(total, told(by_language), told({by: sum(one.values()) for by, one in counted.items()}), counted)


def page(
    visit: Visit, template: str, writer: Writer, refusal: DomainError | None = None, fields: tuple[str, ...] = (), **facts: Any
) -> ResponseReturnValue:
    """A page of the organisation; what was refused stands beside its field where `fields` names it, else on top."""
    identity: Identity = visit.identity
    sentence = words.error_sentence(refusal.code, refusal.facts) if refusal else ""
    field = str(refusal.facts.get("field", "")) if refusal else ""
    own = {
        grant.organisation_id for grant in identity.grants if grant.allows(Permission.LOYALTY_GROUP_MANAGE, grant.organisation_id)
    }
    shown = render_template(
        template,
        writer=writer,
        organisation=writer.organisation_id,
        names=names_of_organisations(visit.session, {writer.organisation_id, *filter(None, own)}),
        told=letter_words,
        typed=request.form,
        faults={field: sentence} if field in fields else {},
        fault=sentence if field not in fields else "",
        **facts,
    )
    return shown, refusal.status if refusal else 200
