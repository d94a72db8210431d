"""Receipts as pictures, and pictures as a printer's bytes: read back from what python-escpos makes of them."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops

from kernel.printing import thermal
from kernel.printing.slip import DOTS, FONTS, Slip
from kernel.printing.thermal import PrinterSilent, is_inside, printed, send
from merchants.till.receipt import TEXTS

RASTER = b"\x1dv0\x00"


def read_back(paper: bytes) -> Image.Image:
    """The picture that a printer would burn: each `GS v 0` is a band of it."""
    bands = []
    at = paper.find(RASTER)
    while at >= 0:
        across, high = int.from_bytes(paper[at + 4 : at + 6], "little"), int.from_bytes(paper[at + 6 : at + 8], "little")
        dots = paper[at + 8 : at + 8 + across * high]
        bands.append(Image.frombytes("1", (across * 8, high), bytes(255 - byte for byte in dots)))
        at = paper.find(RASTER, at + 8 + across * high)
    whole = Image.new("1", (bands[0].width, sum(band.height for band in bands)), 1)
    top = 0
    for band in bands:
        whole.paste(band, (0, top))
        top += band.height
    return whole


def slip_of(width: int, language: str, *texts: str) -> Image.Image:
    slip = Slip(width, language)
    for text in texts:
        slip.centred(text)
    return slip.picture()


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one.convert("L"), other.convert("L")).getbbox() is None


@pytest.mark.parametrize("width", [58, 80])
@pytest.mark.parametrize("lines", [1, 80])
def test_the_printer_burns_what_was_drawn(width: int, lines: int) -> None:
    """A long receipt is more than one band."""
    slip = Slip(width, "fa")
    for number in range(lines):
        slip.row(f"زعفران سرگل قائنات {number}", "۱٬۲۵۰٬۰۰۰ ریال")
    slip.rule()
    picture = slip.picture()
    assert picture.width == DOTS[width]
    paper = printed(picture)
    assert same(read_back(paper), picture)
    assert b"\x1bp" not in paper


def test_the_drawer_opens_before_the_paper_comes() -> None:
    picture = slip_of(80, "fa", "رسید")
    paper = printed(picture, opens_drawer=True)
    assert paper.startswith(b"\x1bp\x00")
    assert paper.count(b"\x1bp") == 1
    assert b"\x1dV" in paper[-8:]
    assert same(read_back(paper), picture)


def test_persian_letters_are_joined_and_run_from_right_to_left() -> None:
    joined, apart = slip_of(80, "fa", "زعفران"), slip_of(80, "fa", "\u200c".join("زعفران"))
    assert not same(joined, apart)
    row = Slip(80, "fa")
    row.row("جمع", "۵")
    left, _, right, _ = ImageChops.invert(row.picture().convert("L")).getbbox()
    assert left < 30
    assert right > DOTS[80] - 30
    label = Slip(80, "fa")
    label.row("جمع", "")
    assert ImageChops.invert(label.picture().convert("L")).getbbox()[0] > DOTS[80] // 2
    english = Slip(80, "en")
    english.row("Total", "")
    assert ImageChops.invert(english.picture().convert("L")).getbbox()[2] < DOTS[80] // 2


def test_a_card_number_runs_from_left_to_right_on_persian_paper() -> None:
    number = "۹۳۶۴ ۰۰•• ۱۲۳۴"
    own, whole = Slip(80, "fa"), Slip(80, "en")
    own.centred(number)
    whole.centred(number)
    assert same(own.picture(), whole.picture())


def test_nothing_is_wider_than_the_paper() -> None:
    slip = Slip(58, "fa")
    slip.row("سوغاتی بسیار بلند با نامی که در یک خط جا نمی‌شود و می‌شکند", "۹۹۹٬۹۹۹٬۹۹۹٬۹۹۹ ریال")
    slip.centred("الف" * 200)
    assert slip.picture().width == DOTS[58]
    single = slip_of(58, "fa", "یک خط").height
    assert slip.picture().height > 2 * single


def test_the_font_has_a_letter_for_all_that_receipts_say() -> None:
    letters = set("".join(text for texts in TEXTS.values() for text in texts.values())) | set("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩0123456789٬،×•")
    for name in ("Vazirmatn-Regular.ttf", "Vazirmatn-Bold.ttf"):
        with TTFont(FONTS / name) as font:
            assert {letter for letter in letters - set(" \u200c") if ord(letter) not in font.getBestCmap()} == set()


@pytest.mark.parametrize("host", ["192.168.1.50", "10.0.0.7", "172.16.3.4", "fd00::5"])
def test_a_printer_of_the_shops_network_is_inside(host: str) -> None:
    assert is_inside(host)


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8", "127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "224.0.0.1", "fe80::1", "printer.local", "localhost", "",
        "192.168.1.50:80", "192.168.1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "2130706433",
    ],
)  # fmt: skip
def test_nothing_else_is(host: str) -> None:
    assert not is_inside(host)
    with pytest.raises(ValueError, match="private network"):
        send(host, b"paper")


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A printer on this machine that stands where 192.168.1.50 would."""
    taken: dict[str, Any] = {"paper": b""}
    real = socket.create_connection
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while piece := connection.recv(65_536):
                    taken["paper"] += piece

        def reach(address: tuple[str, int], timeout: float) -> socket.socket:
            taken["address"] = address
            return real(server.getsockname(), timeout)

        monkeypatch.setattr(thermal.socket, "create_connection", reach)
        thread = Thread(target=serve)
        thread.start()
        yield taken
        real(server.getsockname(), 1).close()
        thread.join()


def test_paper_goes_to_the_printers_port(printer: dict[str, Any]) -> None:
    send("192.168.1.50", b"paper" * 10_000)
    assert printer["address"] == ("192.168.1.50", 9100)


def test_a_printer_that_is_off_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(thermal.socket, "create_connection", refused)
    with pytest.raises(PrinterSilent):
        send("192.168.1.50", b"paper")
    assert Path(FONTS).is_dir()
