"""A shop's own words on its receipts: one line above and one below, in Persian and English."""

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit
from kernel.audit import Actor
from merchants.models import Branch, Terminal
from merchants.services import announce_merchant
from merchants.till.errors import WrongReceiptText
from merchants.till.models import ReceiptText

LANGUAGES = ("fa", "en")
LONGEST = 60  # letters: two lines of a receipt's paper


class Texts(Struct, frozen=True):
    """Language → line; a language without a line is left out."""

    head: dict[str, str] = {}
    foot: dict[str, str] = {}


def texts_of_shop(session: Session, merchant_id: int) -> Texts:
    return _texts(session.get(ReceiptText, merchant_id))


def texts_of_till(session: Session, terminal_id: int) -> Texts:
    """Those of the shop whose till it is. One query."""
    kept = (
        select(ReceiptText)
        .join(Branch, Branch.merchant_id == ReceiptText.merchant_id)
        .join(Terminal, Terminal.branch_id == Branch.id)
    )
    return _texts(session.scalar(kept.where(Terminal.id == terminal_id)))


def set_texts(session: Session, actor: Actor, merchant_id: int, typed: Mapping[str, str]) -> None:
    """Print these lines from now on: `head_fa`, `head_en`, `foot_fa`, `foot_en`. Raises WrongReceiptText."""
    texts = Texts(_lines(typed, "head"), _lines(typed, "foot"))
    before = texts_of_shop(session, merchant_id)
    if before == texts:
        return
    facts = {"head": texts.head, "foot": texts.foot}
    put = insert(ReceiptText).values(merchant_id=merchant_id, **facts)
    session.execute(put.on_conflict_do_update(index_elements=["merchant_id"], set_=facts))
    audit.record(session, actor, "set", "receipt text", merchant_id, before={"head": before.head, "foot": before.foot}, after=facts)
    announce_merchant(session, merchant_id)


def _lines(typed: Mapping[str, str], place: str) -> dict[str, str]:
    lines = {language: " ".join(typed.get(f"{place}_{language}", "").split()) for language in LANGUAGES}
    for language, line in lines.items():
        field = f"{place}_{language}"
        if len(line) > LONGEST:
            raise WrongReceiptText(field=field, fault="long")
        # A till's printer takes ^ for the mark of a line.
        if "^" in line or not line.replace("\u200c", "").isprintable():
            raise WrongReceiptText(field=field, fault="signs")
    return {language: line for language, line in lines.items() if line}


def _texts(kept: ReceiptText | None) -> Texts:
    return Texts(kept.head, kept.foot) if kept else Texts()
