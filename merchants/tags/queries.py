"""Reads of tags, readers and sweeps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission
from kernel.text import search_key
from merchants.catalogue.models import Product
from merchants.catalogue.queries import groups_within
from merchants.catalogue.rules.quantities import WHOLE
from merchants.errors import BranchNotFound
from merchants.models import Branch, Merchant
from merchants.stock.models import DeliveryLine, StockCount
from merchants.stock.queries import own_branch
from merchants.tags.errors import ReaderNotFound, SweepNotFound
from merchants.tags.models import Tag, TagReader, TagSweep, TagSweepRead
from merchants.tags.rules import Found, found, key_said

MOST_WORDS = 8
SHORT_WORD = 3


@dataclass(frozen=True, slots=True)
class ReaderIdentity:
    """A reader that has shown its key. It reads tags in its branch and does nothing else."""

    reader_id: int
    branch_id: int
    merchant_id: int
    organisation_id: int
    language: str = "en"
    lacks_second_step: bool = False

    def can(self, permission: str, organisation_id: int | None = None) -> bool:
        return permission == Permission.MERCHANTS_TAG_READ and organisation_id in (None, self.organisation_id)


@dataclass(frozen=True, slots=True)
class TagRow:
    """An item and where it was last seen; `place` is that of the reader, None for what no reader has seen."""

    tag: Tag
    product: Product
    branch_names: dict[str, str]
    place: str | None


def key_digest(key: str) -> bytes:
    """Keys are 256 random bits, so that a plain digest gives nothing away."""
    return sha256(key.encode()).digest()


def reader_of_key(session: Session, key: str) -> ReaderIdentity | None:
    """The working reader behind a key, None for an unknown one and for a stopped reader. One query."""
    row = session.execute(
        select(TagReader.id, TagReader.branch_id, Merchant.id.label("merchant_id"), Merchant.organisation_id)
        .join(Branch, Branch.id == TagReader.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(TagReader.key_digest == key_digest(key), TagReader.stopped_at.is_(None))
    ).one_or_none()
    return ReaderIdentity(*row) if row else None


def readers_of(session: Session, branch_ids: Collection[int]) -> list[TagReader]:
    return list(session.scalars(select(TagReader).where(TagReader.branch_id.in_(branch_ids)).order_by(TagReader.id)))


def own_reader(session: Session, identity: Identity, permission: str, reader_id: int, *, lock: bool = False) -> TagReader:
    """Raises ReaderNotFound, for others' readers too."""
    wanted = select(TagReader).where(TagReader.id == reader_id)
    reader = session.scalar(wanted.with_for_update() if lock else wanted)
    if reader is None or not _is_own(session, identity, permission, reader.branch_id):
        raise ReaderNotFound
    return reader


def own_sweep(session: Session, identity: Identity, permission: str, sweep_id: int, *, lock: bool = False) -> TagSweep:
    """Raises SweepNotFound, for others' sweeps too."""
    wanted = select(TagSweep).where(TagSweep.id == sweep_id).execution_options(populate_existing=True)
    sweep = session.scalar(wanted.with_for_update() if lock else wanted)
    if sweep is None or not _is_own(session, identity, permission, sweep.branch_id):
        raise SweepNotFound
    return sweep


def sweeps_of(session: Session, *, delivery_id: int | None = None, count_id: int | None = None) -> list[TagSweep]:
    """Of one delivery or of one count, the newest first."""
    purpose = TagSweep.delivery_id == delivery_id if delivery_id else TagSweep.count_id == count_id
    return list(session.scalars(select(TagSweep).where(purpose).order_by(TagSweep.id.desc())))


def open_sweeps(session: Session, reader_id: int) -> list[TagSweep]:
    waiting = select(TagSweep).where(TagSweep.reader_id == reader_id, TagSweep.closed_at.is_(None))
    return list(session.scalars(waiting.order_by(TagSweep.id)))


def tags_page(session: Session, merchant_id: int, search: str, *, after: int = 0, limit: int = 30) -> list[TagRow]:
    """Items in the shop by id whose product has every word that is searched for, or whose number is it. One query."""
    page = (
        select(Tag, Product, Branch.names, TagReader.place)
        .join(Product, Product.id == Tag.product_id)
        .join(Branch, Branch.id == Tag.branch_id)
        .outerjoin(TagReader, TagReader.id == Tag.reader_id)
        .where(Tag.merchant_id == merchant_id, Tag.left_at.is_(None), Tag.id > after)
        .order_by(Tag.id)
        .limit(limit)
    )
    if words := search_key(search).replace(":", " ").split()[:MOST_WORDS]:
        described = and_(*(_has_word(word) for word in words))
        page = page.where(or_(Tag.number == "".join(words).upper(), described))
    return [TagRow(*row) for row in session.execute(page)]


def code_of_tag(session: Session, branch_id: int, uid: str) -> str | None:
    """The code of the goods to which a branch's shop has bound an NFC tag; None for a tag that it does not know. One query."""
    bound = (
        select(Product.code)
        .join(Tag, Tag.product_id == Product.id)
        .join(Branch, Branch.merchant_id == Tag.merchant_id)
        .where(Branch.id == branch_id, Tag.number == uid.upper(), Tag.left_at.is_(None), Product.retired_at.is_(None))
    )
    return session.scalar(bound)


def product_of_tag(session: Session, merchant_id: int, uid: str, says: Sequence[str]) -> Product | None:
    """The goods of a shop that bear an NFC tag: those it is bound to, else those it says it is on. Two queries at most."""
    bound = select(Product).join(Tag, Tag.product_id == Product.id).where(Tag.merchant_id == merchant_id, Tag.number == uid.upper())
    product = session.scalar(bound.where(Product.retired_at.is_(None)))
    if product is not None:
        return product
    keys = [key for said in says if (key := key_said(said))]
    own = select(Product).where(Product.merchant_id == merchant_id, Product.code_key.in_(keys), Product.retired_at.is_(None))
    return min(session.scalars(own), key=lambda one: keys.index(one.code_key), default=None) if keys else None


def _has_word(word: str) -> ColumnElement[bool]:
    """Words begin as they are typed; one or two letters are a whole word, so that `S` is no beginning of `size`."""
    wanted = f" {word} " if len(word) < SHORT_WORD else f" {word}"
    return (literal(" ") + Product.search_text + " ").contains(wanted, autoescape=True)


def tags_of_numbers(session: Session, merchant_id: int, numbers: Collection[str]) -> dict[str, Tag]:
    own = select(Tag).where(Tag.merchant_id == merchant_id, Tag.number.in_(numbers)).order_by(Tag.id)
    return {tag.number: tag for tag in session.scalars(own)}


def products_of_gtins(session: Session, merchant_id: int, gtins: Collection[str]) -> dict[str, int]:
    own = select(Product.code_key, Product.id).where(
        Product.merchant_id == merchant_id, Product.code_key.in_(gtins), Product.retired_at.is_(None)
    )
    return {gtin: product_id for gtin, product_id in session.execute(own)}  # noqa: C416 - rows are no pairs to a type checker


def expected_of(session: Session, sweep: TagSweep) -> dict[int, int]:
    """Items by product: of the delivery's note, or those of the counted goods that are known to be in the branch."""
    if sweep.delivery_id is not None:
        noted = select(DeliveryLine.product_id, DeliveryLine.noted_milli).where(DeliveryLine.delivery_id == sweep.delivery_id)
        return {product: milli // WHOLE for product, milli in session.execute(noted)}
    known = _in_scope(session, sweep).with_only_columns(Tag.product_id, func.count()).group_by(Tag.product_id)
    return {product: items for product, items in session.execute(known)}  # noqa: C416 - the same


def reads_of(session: Session, sweep_id: int) -> list[TagSweepRead]:
    return list(session.scalars(select(TagSweepRead).where(TagSweepRead.sweep_id == sweep_id).order_by(TagSweepRead.number)))


def sweep_rows(session: Session, sweep: TagSweep, reads: Collection[TagSweepRead]) -> tuple[Found, ...]:
    return found(expected_of(session, sweep), [read.product_id for read in reads if read.product_id is not None])


def missing_tags(session: Session, sweep: TagSweep, *, limit: int = 200) -> list[TagRow]:
    """Known items that a stocktake's sweep did not see, with where they were last seen. One query."""
    seen = select(TagSweepRead.number).where(TagSweepRead.sweep_id == sweep.id)
    missing = (
        _in_scope(session, sweep)
        .with_only_columns(Tag, Product, Branch.names, TagReader.place)
        .join(Branch, Branch.id == Tag.branch_id)
        .outerjoin(TagReader, TagReader.id == Tag.reader_id)
        .where(Tag.number.not_in(seen))
        .order_by(Product.search_text, Tag.id)
        .limit(limit)
    )
    return [TagRow(*row) for row in session.execute(missing)]


def _in_scope(session: Session, sweep: TagSweep) -> Select[Tag]:
    count = session.get_one(StockCount, sweep.count_id)
    known = select(Tag).join(Product, Product.id == Tag.product_id).where(Tag.branch_id == sweep.branch_id, Tag.left_at.is_(None))
    if count.group_id is None:
        return known
    branch = session.get_one(Branch, sweep.branch_id)
    return known.where(Product.group_id.in_(groups_within(branch.merchant_id, count.group_id)))


def _is_own(session: Session, identity: Identity, permission: str, branch_id: int) -> bool:
    try:
        own_branch(session, identity, permission, branch_id)
    except BranchNotFound:
        return False
    return True
