import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import wsgi
from identity.permissions import Identity, Permission, Role
from kernel import clock
from merchants.catalogue.models import Product
from merchants.stock import queries as stock
from merchants.stock.errors import CountIsClosed, DeliveryIsReceived, NotYourCount
from merchants.stock.rules import Line
from merchants.stock.services import counting, receiving
from merchants.tags import errors, queries
from merchants.tags.models import TagReader
from merchants.tags.rules import Sgtin, encode
from merchants.tags.services import reading, sweeping
from merchants.webhooks import services as webhooks
from merchants.webhooks.rules import Event
from tests.factories import ACTOR, account
from tests.merchants.catalogue import goods
from tests.merchants.stock.test_moving import brought, level


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    return goods.shop(session)


@pytest.fixture
def cashier(session: Session, shop: goods.Shop) -> Identity:
    return account(session, Role.CASHIER, organisation_id=shop.merchant.organisation_id)[0]


def reader(session: Session, at: goods.Shop, branch: int = 0) -> tuple[TagReader, queries.ReaderIdentity]:
    made, key = reading.register_reader(session, ACTOR, at.branches[branch], "handheld", "انبار")
    known = queries.reader_of_key(session, key)
    assert known is not None
    return made, known


def tags_of(product: Product, first: int, last: int) -> tuple[str, ...]:
    """SGTIN-96 numbers of a product's EAN-13, as a maker with a company prefix of seven digits writes them."""
    ean = product.code
    return tuple(encode(Sgtin(ean[:7], "0" + ean[7:12], serial)) for serial in range(first, last + 1))


def event(*numbers: str, sweep: int | None = None, event_id: str = "") -> reading.Event:
    return reading.Event(event_id or str(uuid4()), clock.now(), numbers, sweep)


def test_a_reader_proves_itself_by_its_key_until_it_is_stopped(session: Session, shop: goods.Shop) -> None:
    made, key = reading.register_reader(session, ACTOR, shop.branches[0], "door", "در پشتی")
    known = queries.reader_of_key(session, key)
    assert known is not None
    assert known.can(Permission.MERCHANTS_TAG_READ, shop.merchant.organisation_id)
    assert not known.can(Permission.MERCHANTS_TAG_READ, shop.merchant.organisation_id + 1)
    assert not known.can(Permission.MERCHANTS_STOCK_VIEW)
    assert key.encode() not in made.key_digest
    assert queries.reader_of_key(session, key + "x") is None
    reading.stop_reader(session, ACTOR, made)
    session.flush()
    assert queries.reader_of_key(session, key) is None
    with pytest.raises(errors.ReaderRefused):
        reading.take_event(session, known, event())


@pytest.mark.parametrize(
    ("kind", "place", "refusal"), [("satellite", "x", errors.UnknownReaderKind), ("door", " ", errors.ReaderPlaceMissing)]
)
def test_a_reader_says_what_and_where_it_is(
    session: Session, shop: goods.Shop, kind: str, place: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        reading.register_reader(session, ACTOR, shop.branches[0], kind, place)


def test_an_event_counts_once_and_says_where_items_are(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, attributes="size: S\nمدل: X")
    one, other, stranger = tags_of(product, 1, 3)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], product, [one, other.lower()])
    _, at_other_branch = reader(session, shop, 1)
    key = str(uuid4())
    first = reading.take_event(session, at_other_branch, event(one, stranger, event_id=key))
    again = reading.take_event(session, at_other_branch, event(other, event_id=key))
    assert first == reading.Taken(1, 1, is_repeat=False)
    assert again == reading.Taken(1, 1, is_repeat=True)
    places = {
        row.tag.number: (row.tag.branch_id, row.place) for row in queries.tags_page(session, shop.merchant.id, "size s مدل x")
    }
    assert places == {one: (shop.branches[1].id, "انبار"), other: (shop.branches[0].id, None)}


def test_a_shops_own_software_is_told_what_a_reader_saw(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop)
    one, stranger = tags_of(product, 1, 2)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], product, [one])
    made, known = reader(session, shop)
    webhooks.add_endpoint(session, ACTOR, shop.merchant.id, "https://shop.example/hook", [Event.TAGS_READ])
    seen = event(one, stranger)
    for _ in range(2):
        reading.take_event(session, known, seen)
    reading.take_event(session, known, event(stranger))
    wsgi.make_relay().deliver(session)
    [told] = webhooks.deliveries_of(session, shop.merchant.id)
    assert told.event_id == f"tags.read-{made.id}-{seen.event_id}"
    facts = json.loads(told.body)["data"]
    assert (facts["numbers"], facts["reader_id"], facts["branch_id"]) == ([one], made.id, shop.branches[0].id)


def test_an_older_read_does_not_move_an_item_back(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop)
    [number] = tags_of(product, 1, 1)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], product, [number])
    _, here = reader(session, shop)
    _, there = reader(session, shop, 1)
    reading.take_event(session, here, event(number))
    reading.take_event(session, there, reading.Event(str(uuid4()), clock.now() - timedelta(hours=1), (number,)))
    [row] = queries.tags_page(session, shop.merchant.id, number)
    assert row.tag.branch_id == shop.branches[0].id


def test_nothing_of_an_event_with_a_wrong_number_is_taken(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop)
    [number] = tags_of(product, 1, 1)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], product, [number])
    _, known = reader(session, shop)
    with pytest.raises(errors.WrongTagNumber):
        reading.take_event(session, known, event(number, "zz"))
    [row] = queries.tags_page(session, shop.merchant.id, number)
    assert row.tag.seen_at is None


def test_items_are_found_by_all_their_words(session: Session, shop: goods.Shop) -> None:
    small = goods.product(session, shop, name_fa="پيراهن نخي", attributes="size: S")
    large = goods.product(session, shop, name_fa="پیراهن نخی", attributes="size: L")
    for product in (small, large):
        sweeping.bind_tags(session, ACTOR, shop.branches[0], product, tags_of(product, 1, 2))
    listed = queries.tags_page(session, shop.merchant.id, "پیراهن size: S")
    assert {row.product.id for row in listed} == {small.id}
    assert len(queries.tags_page(session, shop.merchant.id, "پیراهن")) == 4
    assert queries.tags_page(session, goods.shop(session).merchant.id, "") == []


def test_a_tag_is_on_one_product(session: Session, shop: goods.Shop) -> None:
    one, other = goods.product(session, shop, code="ONE"), goods.product(session, shop)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], one, ["04A2B3C4D5E680"])
    with pytest.raises(errors.TagIsBound):
        sweeping.bind_tags(session, ACTOR, shop.branches[0], other, ["04A2B3C4D5E680"])
    with pytest.raises(errors.TagOfOtherGoods):
        sweeping.bind_tags(session, ACTOR, shop.branches[0], one, tags_of(other, 1, 1))


def test_a_delivery_is_received_as_it_was_read(session: Session, shop: goods.Shop, cashier: Identity) -> None:
    whole, short = goods.product(session, shop), goods.product(session, shop)
    note = receiving.enter_delivery(
        session, ACTOR, shop.branch_id, "x", "1", [Line(whole.id, 2000), Line(short.id, 4000)], str(uuid4())
    )
    made, known = reader(session, shop)
    sweep = sweeping.begin_sweep(session, cashier, made, note)
    assert sweeping.begin_sweep(session, cashier, made, note).id == sweep.id
    assert [one.id for one in queries.open_sweeps(session, made.id)] == [sweep.id]
    unknown = encode(Sgtin("9999999", "000001", 1))
    for numbers in (tags_of(whole, 1, 2), (*tags_of(short, 1, 2), *tags_of(whole, 1, 2)), (*tags_of(short, 3, 3), unknown)):
        reading.take_event(session, known, event(*numbers, sweep=sweep.id))
    reads = queries.reads_of(session, sweep.id)
    rows = queries.sweep_rows(session, sweep, reads)
    assert [(row.product_id, row.expected, row.read, row.missing) for row in rows] == [(whole.id, 2, 2, 0), (short.id, 4, 3, 1)]
    sweeping.close_sweep(session, cashier, sweep)
    assert (level(session, shop, whole), level(session, shop, short)) == (2000, 3000)
    assert len(queries.tags_page(session, shop.merchant.id, "")) == 5
    for again in (
        lambda: sweeping.close_sweep(session, cashier, sweep),
        lambda: reading.take_event(session, known, event(sweep=sweep.id)),
    ):
        with pytest.raises(errors.SweepIsClosed):
            again()
    with pytest.raises(DeliveryIsReceived):
        sweeping.begin_sweep(session, cashier, made, note)


def test_a_stocktake_by_reader_fills_the_count_and_lists_what_it_misses(
    session: Session, shop: goods.Shop, cashier: Identity
) -> None:
    product = brought(session, shop, 4)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], product, tags_of(product, 1, 4))
    count = counting.begin_count(session, cashier, shop.branches[0])
    made, known = reader(session, shop)
    with pytest.raises(NotYourCount):
        sweeping.begin_sweep(session, shop.owner, made, count)
    sweep = sweeping.begin_sweep(session, cashier, made, count)
    for _ in range(2):
        reading.take_event(session, known, event(*tags_of(product, 1, 3), sweep=sweep.id))
    sweeping.close_sweep(session, cashier, sweep)
    [row] = stock.counted_lines(session, count.id)
    assert (row.counted_milli, row.difference_milli) == (3000, -1000)
    assert [missing.tag.number for missing in queries.missing_tags(session, sweep)] == list(tags_of(product, 4, 4))
    counting.hand_in_count(session, cashier, count, rest_is_none=False)
    counting.post_count(session, shop.owner, count)
    assert sweeping.let_go_missing(session, ACTOR, sweep) == 1
    assert len(queries.tags_page(session, shop.merchant.id, "")) == 3
    with pytest.raises(CountIsClosed):
        sweeping.begin_sweep(session, cashier, made, count)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], product, tags_of(product, 4, 4))
    assert len(queries.tags_page(session, shop.merchant.id, "")) == 4


def test_readers_and_sweeps_of_others_are_out_of_reach(session: Session, shop: goods.Shop, cashier: Identity) -> None:
    other = goods.shop(session)
    note = receiving.enter_delivery(
        session, ACTOR, shop.branch_id, "x", "1", [Line(goods.product(session, shop).id, 1000)], str(uuid4())
    )
    theirs, known = reader(session, other)
    elsewhere, _ = reader(session, shop, 1)
    for wrong in (theirs, elsewhere):
        with pytest.raises(errors.ReaderNotFound):
            sweeping.begin_sweep(session, cashier, wrong, note)
    sweep = sweeping.begin_sweep(session, cashier, reader(session, shop)[0], note)
    with pytest.raises(errors.SweepNotFound):
        reading.take_event(session, known, event(sweep=sweep.id))
    with pytest.raises(errors.SweepNotFound):
        queries.own_sweep(session, other.owner, Permission.MERCHANTS_STOCK_COUNT, sweep.id)
    assert session.scalar(select(func.count()).select_from(TagReader)) == 3
