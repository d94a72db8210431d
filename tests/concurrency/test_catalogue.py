"""Prices and stock at once: the race is shown without the lock, then not with it."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import clock
from merchants.catalogue.models import Price
from merchants.catalogue.services import pricing
from merchants.stock.models import StockLevel, StockMovement
from merchants.stock.rules import Kind, Line
from merchants.stock.services import moving
from merchants.tags.models import TagEvent, TagReader
from merchants.tags.queries import reader_of_key
from merchants.tags.services import reading
from tests.concurrency.test_settlement import twice
from tests.factories import ACTOR
from tests.meeting import meet
from tests.merchants.catalogue import goods


def unlocked(branch_id: int, product_ids: list[int]) -> Any:
    found = select(StockLevel).where(StockLevel.branch_id == branch_id, StockLevel.product_id.in_(product_ids))
    return found.order_by(StockLevel.product_id)


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_last_piece_is_sold_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    shop = goods.shop(session)
    product = goods.product(session, shop)
    moving.move(session, ACTOR, moving.Move(shop.branch_id, Kind.INTAKE, str(uuid4())), {product.id: 1000})
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(moving, "_lock", unlocked)
    meet(monkeypatch, moving, "setting_of")
    outcomes = twice(lambda session: moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4())))
    left = session.scalar(select(func.sum(StockMovement.milli)).where(StockMovement.product_id == product.id))
    assert (outcomes, left) == ((["done", "stock_too_low"], 0) if is_locked else (["done", "done"], -1000))


@pytest.mark.parametrize("is_locked", [False, True])
def test_one_key_sold_at_once_counts_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    shop, key = goods.shop(session), str(uuid4())
    product = goods.product(session, shop)
    moving.move(session, ACTOR, moving.Move(shop.branch_id, Kind.INTAKE, str(uuid4())), {product.id: 5000})
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(moving, "_lock", unlocked)
    meet(monkeypatch, moving, "_of_key")
    outcomes = twice(lambda session: moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], key))
    assert outcomes == (["done", "done"] if is_locked else ["IntegrityError", "done"])
    session.expire_all()
    assert session.get_one(StockLevel, (shop.branch_id, product.id)).milli == 4000


@pytest.mark.parametrize("is_locked", [False, True])
def test_one_sale_comes_back_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    shop, sale = goods.shop(session), str(uuid4())
    product = goods.product(session, shop)
    moving.move(session, ACTOR, moving.Move(shop.branch_id, Kind.INTAKE, str(uuid4())), {product.id: 1000})
    moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], sale)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(moving, "_lock_sale", lambda session, sale_key: None)
    meet(monkeypatch, moving, "left_to_return")
    outcomes = twice(lambda session: moving.take_back(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()), sale))
    assert outcomes == (["done", "more_than_sold"] if is_locked else ["done", "done"])


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_prices_at_once_follow_each_other(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    shop = goods.shop(session)
    product = goods.product(session, shop)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(pricing, "_lock_product", lambda session, product_id: None)
    meet(monkeypatch, pricing, "ceiling_at")
    outcomes = twice(lambda session: pricing.set_price(session, ACTOR, product, 1000, 900))
    assert outcomes == (["done", "done"] if is_locked else ["IntegrityError", "done"])  # only a constraint stops the second
    ends = list(session.scalars(select(Price.ends_at).order_by(Price.starts_at)))
    assert [end is None for end in ends] == ([False, True] if is_locked else [True])


@pytest.mark.parametrize("is_locked", [False, True])
def test_one_event_told_at_once_counts_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    shop = goods.shop(session)
    _, key = reading.register_reader(session, ACTOR, shop.branches[0], "door", "در")
    reader = reader_of_key(session, key)
    assert reader is not None
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(reading, "_lock_reader", lambda session, reader_id: session.get_one(TagReader, reader_id))
    meet(monkeypatch, reading, "tags_of_numbers")
    event = reading.Event(str(uuid4()), clock.now(), ("04A2B3C4D5E680",))
    outcomes = twice(lambda session: reading.take_event(session, reader, event))
    assert outcomes == (["done", "done"] if is_locked else ["IntegrityError", "done"])
    assert session.scalar(select(func.count()).select_from(TagEvent)) == 1
