import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from portal.blueprint import FOLDER

TRANSLATIONS = FOLDER / "translations"
SAID = re.compile(r'\bt\(\s*"([^"]+)"')
PLACEHOLDER = re.compile(r"%\(\w+\)s")


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


def test_persian_is_complete_and_keeps_every_placeholder() -> None:
    for english, persian in sentences("fa").items():
        assert persian, f"no Persian for {english!r}"
        assert Counter(PLACEHOLDER.findall(persian)) == Counter(PLACEHOLDER.findall(english)), english


def test_persian_is_written_with_persian_letters_and_digits() -> None:
    for english, persian in sentences("fa").items():
        text = PLACEHOLDER.sub("", persian)
        assert not re.search("[يك0-9]", text), english


@pytest.mark.parametrize("language", ["fa", "ar", "ur"])
def test_the_app_speaks_every_language_of_its_pilgrims(language: str) -> None:
    known, said = sentences(language), said_by_the_app()
    assert len(said) > 50
    assert [one for one in said if not known[one]] == []
    for one in said:
        assert Counter(PLACEHOLDER.findall(known[one])) == Counter(PLACEHOLDER.findall(one)), one
