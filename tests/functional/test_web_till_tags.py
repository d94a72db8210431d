"""A tag on goods at the web till: by what it says, or by what the shop has bound it to; strangers' tags name nothing."""

from typing import Any

import pytest

from identity.permissions import Role
from merchants.catalogue.models import Product
from merchants.models import Branch, Merchant
from merchants.tags.rules import Sgtin, code_said, encode
from merchants.tags.services.sweeping import bind_tags
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import Bank
from tests.functional.till_page import TillPage
from tests.merchants.catalogue import goods
from tests.merchants.till.shop import Shop

UID = "04a1b2c3d4e5f6"


def ware(bank: Bank, at: Shop) -> Product:
    with bank.session() as session:
        owner, _ = factories.account(session, Role.MERCHANT, organisation_id=at.merchant.organisation_id)
        place = goods.Shop(session.get_one(Merchant, at.merchant.id), (at.branch,), owner)
        made = goods.product(session, place, list_rial=90_000, card_rial=80_000, name_fa="تسبیح")
        session.commit()
    return made


def ask(till: TillPage, *says: str, tag: str = UID) -> tuple[int, dict[str, Any]]:
    answer = till.client.get("/till/goods", query_string={"tag": tag, "says": says})
    return answer.status_code, answer.json or {}


def test_what_a_tag_says_is_looked_up_like_a_scan(till_page: TillPage, bank: Bank, at: Shop) -> None:
    made = ware(bank, at)
    found = (200, {"text": "تسبیح", "amount": 80_000, "code": made.code})
    gtin = made.code_key
    assert ask(till_page, made.code) == found
    assert ask(till_page, "سلام به شما", f"https://id.example.ir/01/{gtin}/21/77?lang=fa") == found
    thirteen = gtin[:13]
    epc = Sgtin(thirteen[1:8], thirteen[0] + thirteen[8:], 12)
    assert ask(till_page, epc.uri) == ask(till_page, encode(epc)) == found
    assert ask(till_page)[0] == 404
    unknown = ask(till_page, goods.ean13())
    assert (unknown[0], "This tag names no product of the shop" in unknown[1]["fault"]) == (404, True)
    assert ask(till_page, tag="zz")[0] == 422


def test_a_bare_tag_is_what_its_own_shop_has_bound_it_to(till_page: TillPage, bank: Bank, at: Shop) -> None:
    made, other = ware(bank, at), ware(bank, at)
    with bank.session() as session:
        bind_tags(session, ACTOR, session.get_one(Branch, at.branch.id), session.get_one(Product, made.id), [UID])
        session.commit()
    assert ask(till_page)[1]["code"] == made.code
    assert ask(till_page, other.code)[1]["code"] == made.code  # what the shop says goes before what the tag says
    stranger = Shop(*_elsewhere(bank))
    with bank.session() as session:
        theirs = ware(bank, stranger)
        bind_tags(
            session, ACTOR, session.get_one(Branch, stranger.branch.id), session.get_one(Product, theirs.id), ["04FFFFFFFFFFFF"]
        )
        session.commit()
    assert ask(till_page, tag="04ffffffffffff")[0] == 404


def _elsewhere(bank: Bank) -> tuple[Any, Any, Any]:
    from tests.merchants.till.shop import shop

    with bank.session() as session:
        made = shop(session)
        session.commit()
    return made.merchant, made.branch, made.till


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("https://id.gs1.org/01/09506000134352", "9506000134352"),
        ("https://shop.ir/a/b/01/09506000134352/10/ABC", "9506000134352"),
        ("http://shop.ir/01/12345670", "12345670"),
        ("https://shop.ir/01/123", None),
        ("urn:epc:id:sgtin:0614141.812345.6789", "80614141123458"),
        ("urn:epc:id:sgtin:0614141.81234.6789", None),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.6789", "80614141123458"),
        ("urn:epc:tag:sgtin-96:9.0614141.812345.6789", None),
        ("3074257BF7194E4000001A85", "80614141123458"),
        ("3174257BF7194E4000001A85", None),
        ("P000123", "P000123"),
        ("۶۲۶۱۲۳", "626123"),
        ("یک تسبیح", None),
        ("", None),
    ],
)
def test_codes_are_found_in_what_tags_say(said: str, code: str | None) -> None:
    assert code_said(said) == code
