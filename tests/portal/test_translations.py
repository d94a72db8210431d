import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from portal.blueprint import FOLDER

TRANSLATIONS = FOLDER / "translations"
SAID = re.compile(r'\bt\(\s*"([^"]+)"')
# Pages that a pilgrim opens, with the frame around them and the way in.
FOR_PILGRIMS = (
    "base.html", "sign_in.html", "error.html", "account.html", "receipt.html", "me/credit.html", "me/senders.html", "me/statement.html", "me/none.html", "me/help.html", "outages/status.html", "outages/parts.html", "payment.html", "municipality/works.html", "municipality/parts.html", "municipality/campaigns.html", "municipality/campaign.html", "municipality/campaign_parts.html",
    "municipality/permit_check.html", "me/email.html", "letters/ended.html", "me/savings.html", "me/saved.html", "me/saved_purchases.html", "me/card.html", "me/code.html", "me/code_now.html", "me/give.html", "me/transfer.html", "me/told.html",
    "family/family.html", "family/none.html", "family/parts.html", "leaving/leave.html", "places/directory.html", "places/place.html", "places/gone.html", "places/facts.html", "places/parts.html", "places/missing.html",
    "security/code.html", "security/password.html", "security/sessions.html",
    "me/first_card.html", "me/profile.html", "coming/form.html", "coming/done.html", "complaints/tell.html", "complaints/followed.html", "complaints/mine.html", "complaints/parts.html", "complaints/index.html",
    "stays/find.html", "stays/house.html", "stays/parts.html", "stays/programmes.html", "stays/programme.html", "stays/booking.html", "stays/bookings.html",
)  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)s")
# Words that stood for the same thing as another; docs/portal.md has the one that is used.
NOT_SAID = {
    "fa": ("نویسه", "میز خدمت", "رمزینه", "مزایا", "صافی", "پالایه", "صندلی چرخ‌دار", "تلفن همراه", "جستجو", "صندوق‌دار", "برون‌خط", "بازپرداخت", "شیفت", "پیشخان", "آنها", "دارنده کارت"),
    "ar": ("الاتحاد", "ائتمان", "النظام ", "البنك", "اً", "أنت ", "بطاقتك ", "حسابك ", "لديك "),
    "ur": ("ڈیسک", "ٹرمینل", "تحفہ کارڈ", "براہ کرم", "بٹوہ"),
}  # fmt: skip
FOREIGN_SIGNS = {"fa": "[يكىة,;?]", "ar": "[یکۀھہے,;?]", "ur": "[يكىة,;?]"}


def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def sentences(language: str) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue(language) if message.id}


@pytest.fixture(scope="module")
def used() -> set[str]:
    """Every sentence that templates and code ask for."""
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "lazy": None, "said": None}
    folders = lambda path: Path(path).name not in {"assets", "static", "__pycache__"}  # noqa: E731
    found = extract_from_dir(FOLDER, methods, options, keywords, directory_filter=folders)
    return {message for _, _, message, _, _ in found if message} | set(said_by_the_app())


def said_by_the_app() -> list[str]:
    """What the pilgrim's app asks its catalogue for; the build takes the same."""
    sources = sorted((FOLDER / "assets" / "src" / "m").rglob("*.ts*"))
    return [said for path in sources for said in SAID.findall(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("language", ["fa", "ar", "ur"])
def test_a_catalogue_holds_exactly_the_sentences_that_are_used(language: str, used: set[str]) -> None:
    assert set(sentences(language)) == used


@pytest.mark.parametrize("language", ["fa", "ar", "ur"])
def test_an_entry_holds_one_translation(language: str) -> None:
    """The reader takes the first of two without a word, which gettext's own tools refuse."""
    text = (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    assert not re.findall(r'^msgstr .*\n(?:".*\n)*msgstr .*', text, re.MULTILINE)


def test_persian_is_complete_and_keeps_every_placeholder() -> None:
    for english, persian in sentences("fa").items():
        assert persian, f"no Persian for {english!r}"
        assert Counter(PLACEHOLDER.findall(persian)) == Counter(PLACEHOLDER.findall(english)), english


@pytest.mark.parametrize("language", ["ar", "ur"])
def test_what_is_translated_keeps_every_placeholder_and_has_its_own_digits(language: str) -> None:
    for english, translated in sentences(language).items():
        if translated:
            assert Counter(PLACEHOLDER.findall(translated)) == Counter(PLACEHOLDER.findall(english)), english
            assert not re.search("[0-9]", PLACEHOLDER.sub("", translated)), english


@pytest.mark.parametrize("language", ["ar", "ur"])
@pytest.mark.parametrize("template", FOR_PILGRIMS)
def test_what_every_pilgrim_reads_is_complete_in_arabic_and_urdu(language: str, template: str) -> None:
    asked = {message for _, message, _, _ in extract_from_file("jinja2", FOLDER / "templates" / template, keywords={"_": None})}
    known = sentences(language)
    assert asked
    assert {english for english in asked if not known[english]} == set()


def test_persian_is_written_with_persian_digits() -> None:
    for english, persian in sentences("fa").items():
        assert not re.search("[0-9]", PLACEHOLDER.sub("", persian)), english


@pytest.mark.parametrize("language", ["fa", "ar", "ur"])
def test_a_language_is_written_with_its_own_letters_and_signs(language: str) -> None:
    for english, translated in sentences(language).items():
        assert not re.search(FOREIGN_SIGNS[language], PLACEHOLDER.sub("", translated)), english


@pytest.mark.parametrize("language", ["fa", "ar", "ur"])
def test_one_thing_is_called_by_one_word(language: str) -> None:
    said = {
        word: english for english, translated in sentences(language).items() for word in NOT_SAID[language] if word in translated
    }
    assert said == {}


@pytest.mark.parametrize("language", ["fa", "ar", "ur"])
def test_the_app_speaks_every_language_of_its_pilgrims(language: str) -> None:
    known, said = sentences(language), said_by_the_app()
    assert len(said) > 50
    assert [one for one in said if not known[one]] == []
    for one in said:
        assert Counter(PLACEHOLDER.findall(known[one])) == Counter(PLACEHOLDER.findall(one)), one
