"""Reads of shops' own fields. One query each."""

from collections.abc import Collection
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from merchants.fields.errors import FieldNotFound
from merchants.fields.models import BranchField, ShopField
from merchants.fields.rules import FieldKind, OwnField, Subject, said
from merchants.models import SELLS, Branch, Merchant


def fields_of(session: Session, merchant_id: int, subject: Subject | None = None) -> list[OwnField]:
    """Those that are asked for, in the order in which they were added."""
    asked = select(ShopField).where(ShopField.merchant_id == merchant_id, ShopField.ended_at.is_(None)).order_by(ShopField.id)
    return [told(one) for one in session.scalars(asked if subject is None else asked.where(ShopField.subject == subject))]


def field_of(session: Session, merchant_id: int, field_id: int, *, lock: bool = False) -> ShopField:
    """Raises FieldNotFound, for another shop's and for an ended one too."""
    found = select(ShopField).where(ShopField.id == field_id, ShopField.merchant_id == merchant_id, ShopField.ended_at.is_(None))
    field = session.scalar(found.with_for_update() if lock else found)
    if field is None:
        raise FieldNotFound
    return field


def values_of_branch(session: Session, branch_id: int) -> dict[str, str]:
    held = session.get(BranchField, branch_id)
    return held.fields if held else {}


def said_at_place(session: Session, place_id: int) -> list[tuple[OwnField, str]]:
    """What the active shop at a place says publicly in fields of its own."""
    return said_at_places(session, [place_id]).get(place_id, [])


def said_at_places(session: Session, place_ids: Collection[int]) -> dict[int, list[tuple[OwnField, str]]]:
    """The same for places where somebody says something."""
    here = (
        select(Branch.place_id, ShopField, BranchField.fields)
        .join(Branch, Branch.merchant_id == ShopField.merchant_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .join(BranchField, BranchField.branch_id == Branch.id)
        .where(Branch.place_id.in_(place_ids), SELLS)
        .where(ShopField.subject == Subject.PAGE, ShopField.is_public, ShopField.ended_at.is_(None))
        .order_by(Branch.place_id, ShopField.id)
    )
    shops = {place: list(rows) for place, rows in groupby(session.execute(here), lambda row: row.place_id)}
    spoken = {place: said((told(row.ShopField) for row in rows), rows[0].fields) for place, rows in shops.items()}
    return {place: one for place, one in spoken.items() if one}


def told(field: ShopField) -> OwnField:
    return OwnField(
        field.id,
        Subject(field.subject),
        field.names,
        FieldKind(field.kind),
        tuple(field.choices),
        field.is_public,
        field.is_on_label,
    )
