from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from cardbank.cards.rules import CardStatus
from cardbank.ledger.types import EntryKind
from cardbank.reasons import Reason
from identity.permissions import Role
from kernel.errors import DomainError
from merchants.rules import ShopKind
from portal import words
from portal.blueprint import FOLDER


@pytest.fixture
def persian() -> Iterator[None]:
    app = Flask("words")
    Babel(app, default_translation_directories=str(FOLDER / "translations"))
    with app.app_context(), force_locale("fa"):
        yield


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (words.REASONS, Reason), (words.ENTRY_KINDS, EntryKind), (words.SHOP_KINDS, ShopKind), (words.CARD_STATES, CardStatus),
        (words.ROLES, Role), (words.TERMINAL_STATES, ("active", "suspended", "closed")),
    ],
)  # fmt: skip
def test_every_code_of_the_core_has_a_word(table: dict[object, object], codes: object) -> None:
    assert set(table) == set(codes)


def test_an_error_is_a_sentence_with_its_facts(persian: None) -> None:
    assert "لطفاً ۵ دقیقه صبر کنید" in words.error_sentence("too_many_sign_in_tries", {"wait_seconds": 299})
    assert words.error_sentence("posting_refused", {"reason": Reason.CARD_BLOCKED}) == "بانک نپذیرفت: کارت مسدود."
    assert words.error_sentence("a_code_nobody_wrote_a_sentence_for", {}) == "این کار ممکن نیست."


def test_no_two_tables_have_a_sentence_for_the_same_code() -> None:
    tables = [words._ERRORS, *(module.SENTENCES for module in vars(words).values() if hasattr(module, "SENTENCES"))]
    codes = Counter(code for table in tables for code in table)
    assert {code for code, count in codes.items() if count > 1} == set()


def test_no_two_errors_share_a_code() -> None:
    import wsgi  # noqa: F401 - it imports every package

    # What the web server refuses by itself is told as the use cases tell it.
    own = {one for one in _below(DomainError) if "code" in vars(one) and one.__module__ != "kernel.web.refusals"}
    classes = Counter(one.code for one in own)
    assert {code for code, count in classes.items() if count > 1} == set()


def _below(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in error.__subclasses__():
        yield one
        yield from _below(one)
