"""Choosing a shop's look."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit
from kernel.audit import Actor
from kernel.outbox import publish
from merchants.complaints.events import PicturesForgotten
from merchants.look.models import ShopLook
from merchants.look.pictures import logo_of
from merchants.look.rules import typed_accent
from merchants.onboarding.ports import PaperStore


def set_look(
    session: Session, store: PaperStore, actor: Actor, merchant_id: int, accent: str, logo: bytes, *, drops_logo: bool = False
) -> None:
    """Look like this from now on. Without a new logo the old one stays, unless it is dropped. Raises UnknownAccent, UnreadablePhoto (`logo`)."""
    chosen, drawn = typed_accent(accent), logo_of(logo) if logo else None
    session.execute(insert(ShopLook).values(merchant_id=merchant_id).on_conflict_do_nothing())
    look = session.get_one(ShopLook, merchant_id, with_for_update=True)
    before = {"accent": look.accent, "logo": look.logo}
    look.accent = chosen
    if drawn is not None:
        look.logo = store.put(drawn)
    elif drops_logo:
        look.logo = None
    after = {"accent": look.accent, "logo": look.logo}
    if after == before:
        return
    audit.record(session, actor, "set", "shop look", merchant_id, before=before, after=after)
    if before["logo"] is not None and before["logo"] != look.logo:
        publish(session, PicturesForgotten([before["logo"]]))
