"""Adding, changing and ending a field of a shop's own, and saying something in those of its page."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from merchants.fields.models import BranchField, ShopField
from merchants.fields.queries import field_of, fields_of, values_of_branch
from merchants.fields.rules import Definition, check_new
from merchants.models import Branch, Merchant
from places.pages.services import note_told


def add_field(session: Session, actor: Actor, merchant_id: int, wanted: Definition, reserved: Iterable[str] = ()) -> ShopField:
    """Raises WrongField. The shop's row is held, so that two people do not add a thirteenth field or one name twice."""
    _lock_shop(session, merchant_id)
    check_new(wanted, fields_of(session, merchant_id, wanted.subject), reserved)
    field = ShopField(
        merchant_id=merchant_id, subject=wanted.subject, names=wanted.names, kind=wanted.kind, choices=list(wanted.choices),
        is_public=wanted.is_public, is_on_label=wanted.is_on_label, added_at=clock.now(),
    )  # fmt: skip
    session.add(field)
    session.flush()
    audit.record(session, actor, "add", "shop field", field.id, after=_facts(field))
    return field


def show_field(session: Session, actor: Actor, merchant_id: int, field_id: int, *, is_public: bool, is_on_label: bool) -> None:
    """Who reads it, and whether it stands on labels. Raises FieldNotFound."""
    field = field_of(session, merchant_id, field_id, lock=True)
    before = _facts(field)
    field.is_public, field.is_on_label = is_public, is_on_label and field.subject == "product"
    if _facts(field) != before:
        audit.record(session, actor, "show", "shop field", field_id, before=before, after=_facts(field))


def end_field(session: Session, actor: Actor, merchant_id: int, field_id: int) -> None:
    """It is asked for and shown no more. Raises FieldNotFound."""
    field = field_of(session, merchant_id, field_id, lock=True)
    field.ended_at = clock.now()
    audit.record(session, actor, "end", "shop field", field_id, before=_facts(field))


def say_of_branch(session: Session, actor: Actor, branch: Branch, values: Mapping[str, str]) -> None:
    """What the page of a branch says in the shop's own fields, all of it anew."""
    _lock_shop(session, branch.merchant_id)
    before, after = values_of_branch(session, branch.id), dict(values)
    if before == after:
        return
    kept = insert(BranchField).values(branch_id=branch.id, fields=after)
    session.execute(kept.on_conflict_do_update(index_elements=["branch_id"], set_={"fields": after}))
    note_told(session, [branch.place_id])
    audit.record(session, actor, "say", "branch", branch.id, before={"fields": before}, after={"fields": after})


def _lock_shop(session: Session, merchant_id: int) -> None:
    session.execute(select(Merchant.id).where(Merchant.id == merchant_id).with_for_update())


def _facts(field: ShopField) -> dict[str, object]:
    return {name: getattr(field, name) for name in ("subject", "names", "kind", "choices", "is_public", "is_on_label")}
