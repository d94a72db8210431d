"""Limits of a family's member, with the kinds of shops turned into a scope of the ledger; and children, by the name that they are called."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.families import services as families
from cardbank.families.errors import WrongLimit
from cardbank.families.models import FamilyMember
from cardbank.families.rules import Limits
from cardbank.ledger.services import open_scope
from identity.services import enrol_person
from kernel.audit import Actor
from kernel.errors import BadInput
from kernel.settings import load_settings
from merchants.rules import ShopKind, category
from places.models import City

LONGEST_NAME = 40


def limit_member(session: Session, actor: Actor, wallet_id: int, member_id: int, limits: Limits) -> FamilyMember:
    """The kinds count in every city. All kinds ticked means no limit of kinds.

    Raises FamilyNotFound, FamilyMemberNotFound, OnlyTheHead, WrongLimit.
    """
    if not set(limits.kinds) <= set(ShopKind):
        raise WrongLimit(field="kinds")
    kinds = tuple(kind for kind in ShopKind if kind in limits.kinds)
    if len(kinds) == len(ShopKind):
        kinds = ()
    asked = Limits(limits.day_rial, limits.month_rial, tuple(kind.value for kind in kinds))
    scope_id = None
    if kinds:
        cities = session.scalars(select(City.id).order_by(City.id))
        scope_id = open_scope(session, shops=None, categories=[category(city, kind) for city in cities for kind in kinds])
    return families.set_limits(session, actor, wallet_id, member_id, asked, scope_id)


def add_child(session: Session, actor: Actor, wallet_id: int, called: str, language: str) -> FamilyMember:
    """A child is put on record by the name that the head writes, without papers and without a telephone.

    Raises BadInput (`child`), FamilyNotFound, FamilyIsFull.
    """
    name = " ".join(called.split())
    if not (2 <= len(name) <= LONGEST_NAME and any(letter.isalpha() for letter in name)):
        raise BadInput(field="child")
    child = enrol_person(session, actor, {language: name}, language, is_fictional=load_settings().is_laboratory)
    return families.add_child(session, actor, wallet_id, child.id)
