"""Reads of shops' looks. One query each."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from merchants.look.models import ShopLook
from merchants.models import SELLS, Branch, Merchant


class Look(Struct, frozen=True):
    """Empty is the platform's own."""

    accent: str = ""
    logo: str = ""


def look_of_shop(session: Session, merchant_id: int) -> Look:
    return _look(session, select(ShopLook).where(ShopLook.merchant_id == merchant_id))


def look_of_place(session: Session, place_id: int) -> Look:
    """That of the active shop at a place."""
    kept = select(ShopLook).join(Merchant, Merchant.id == ShopLook.merchant_id).join(Branch, Branch.merchant_id == Merchant.id)
    return _look(session, kept.where(Branch.place_id == place_id, SELLS).order_by(Branch.id).limit(1))


def is_logo(session: Session, name: str) -> bool:
    """Whether a shop has the stored file as its logo now."""
    return session.scalar(select(ShopLook.merchant_id).where(ShopLook.logo == name)) is not None


def _look(session: Session, kept: Select[Any]) -> Look:
    found = session.scalar(kept)
    return Look(found.accent or "", found.logo or "") if found else Look()
