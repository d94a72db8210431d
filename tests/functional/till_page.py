"""A browser without a screen at the web till: it fills in the forms that the pages show."""

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cardbank.cards.models import Card
from tests.functional.bank import Bank

FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<input(?![^>]*type="radio")[^>]*name="([^"]+)"[^>]*?value="([^"]*)"')


def forms(page: str) -> dict[str, dict[str, list[str]]]:
    """The forms of a page by the last word of their address, each with what stands in its fields."""
    found: dict[str, dict[str, list[str]]] = {}
    for address, body in FORM.findall(page):
        fields: dict[str, list[str]] = {"action": [unescape(address)]}
        for name, value in FIELD.findall(body):
            fields.setdefault(name, []).append(unescape(value))
        found[address.rsplit("/", 1)[-1]] = fields
    return found


class TillPage:
    """One person's browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, till: str, opening: str = "۵۰۰٬۰۰۰") -> TestResponse:
        return self.client.post("/till/shifts", data={"till": till, "opening": opening})

    def begin(self, *lines: tuple[str, str, str], key: str | None = None) -> TestResponse:
        form = forms(self.client.get("/till").text)["sales"]
        text, count, amount = map(list, zip(*lines, strict=True))
        data = {
            "key": key or form["key"][0],
            "line-code": [""] * len(lines),
            "line-text": text,
            "line-count": count,
            "line-amount": amount,
        }
        return self.client.post("/till/sales", data=data)

    def sell(self, amount: str, number: str, **wish: Any) -> TestResponse:
        """From basket to the answer; returns the answer to the payment."""
        return self.pay(self.begin(("زعفران", "۱", amount)).location, number, **wish)

    def pay(self, sale: str, number: str, **wish: Any) -> TestResponse:
        return self.client.post(f"{sale}/pay", data={"number": number} | wish)

    def see(self, address: str) -> str:
        return self.client.get(address, follow_redirects=True).text


def number_of(bank: Bank, card: dict[str, Any]) -> str:
    with bank.session() as session:
        row = session.get_one(Card, card["card_id"])
        return bank.keystore.open_card_number(row.number_sealed, row.token)
