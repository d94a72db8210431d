from kernel.printing.paper import Cell, Column, Paper
from tests.papers import links_of, texts_of

COLUMNS = (Column("رسید", 2), Column("مبلغ", 1, is_amount=True))


def made(language: str, rows: int) -> bytes:
    paper = Paper(language, "title", "author")
    paper.head("crumb", "فروشگاه", "جمله")
    paper.table(COLUMNS, ([Cell(f"R{n}", f"https://shop.example/{n}"), Cell("−۱٬۲۳۴")] for n in range(rows)))
    return paper.finish(lambda page, pages: f"{page} / {pages}")


def test_every_row_stands_once_under_the_head_of_its_page() -> None:
    pages = texts_of(made("fa", 100))
    assert [text for page in pages for text in page if text.startswith("R")] == [f"R{n}" for n in range(100)]
    assert len(pages) == 3
    assert all("غلبم" in page for page in pages)  # drawn from left to right, so the letters stand in the other order
    assert [page[-1] for page in pages] == ["1 / 3", "2 / 3", "3 / 3"]


def test_a_sign_stands_before_its_amount_in_both_directions() -> None:
    for language in ("fa", "en"):
        assert "−۱٬۲۳۴" in texts_of(made(language, 1))[0]


def test_a_cell_opens_its_address() -> None:
    assert links_of(made("en", 40)) == [f"https://shop.example/{n}" for n in range(40)]


def test_every_letter_has_its_drawing() -> None:
    sentence = (
        "پ چ ژ گ ک ی ئ آ ا ب ت ث ج ح خ د ذ ر ز س ش ص ض ط ظ ع غ ف ق ل م ن و ه «۰۱۲۳۴۵۶۷۸۹» ٬ ٪ ، ؛ ؟ · — − + / ABC abc 0123456789"
    )
    paper = Paper("fa", "title", "author")
    paper.note(sentence)
    [page] = texts_of(paper.finish(lambda page, pages: "-"))
    assert set(sentence) - set("".join(page)) == set()
