"""A notice in words: its sentence in the reader's language by the portal's catalogues, with the facts in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from babel.support import NullTranslations, Translations

from kernel.text import localised_digits

Facts: TypeAlias = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The English sentences of a notice, which the catalogues know it by. SMS leave the subject out."""

    text: str
    subject: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of every notice by its code, and the folder of the catalogues."""

    sentences: Mapping[str, Sentence]
    catalogues: Path

    def words(self, notice: str, language: str, facts: Facts) -> tuple[str, str]:
        """(subject, text). Numbers are written in the digits of the language; text, such as a code or a link, as it is."""
        sentence = self.sentences[notice]
        written = {name: localised_digits(str(fact), language) if isinstance(fact, int) else fact for name, fact in facts.items()}
        catalogue = _catalogue(self.catalogues, language)
        subject, text = (catalogue.gettext(one) % written for one in (sentence.subject, sentence.text))
        return subject, text


@lru_cache(maxsize=8)
def _catalogue(folder: Path, language: str) -> NullTranslations:
    return Translations.load(folder, [language])
