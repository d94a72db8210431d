from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.messages.html import as_html


class Read(HTMLParser):
    """What a mail program would show, and the elements that it met."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attributes if name == "href"]
        self.words += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("ar", "rtl"), ("ur", "rtl"), ("en", "ltr")])
def test_a_page_reads_in_its_language_and_fetches_nothing(language: str, direction: str) -> None:
    page = as_html("Subject", "سلام\nدوم\n\nhttps://card.example.ir/unsubscribe/a-b_c", language)
    assert f'<html lang="{language}" dir="{direction}">' in page
    read = Read(page)
    assert read.links == ["https://card.example.ir/unsubscribe/a-b_c"]
    assert set(read.tags) <= {"html", "head", "meta", "title", "body", "div", "p", "br", "a"}
    assert "src=" not in page
    assert "url(" not in page


@given(st.text(alphabet=st.sampled_from("<>&\"'/ aب.:https\n"), max_size=60))
def test_nothing_that_was_typed_becomes_an_element(text: str) -> None:
    read = Read(as_html("s", text, "fa"))
    assert set(read.tags) <= {"html", "head", "meta", "title", "body", "div", "p", "br", "a"}
    assert "".join(read.words.split()) == "s" + "".join(text.split())
