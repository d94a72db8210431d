"""ESC/POS: a picture as the bytes of a thermal printer, and the way to a printer in the shop's own network."""

import socket
from ipaddress import ip_address

from PIL import Image

PORT = 9100  # what printers listen on for raw bytes
SECONDS = 4.0
DRAWER_PIN = 2
HEADS = {384: "POS-5890", 576: "TM-T20II"}  # python-escpos's names of what is common at each width


class PrinterSilent(Exception):
    """Nobody took the paper."""


def printed(picture: Image.Image, *, opens_drawer: bool = False) -> bytes:
    """The picture as a raster, a cut behind it, and before it the pulse that opens the cash drawer where wanted."""
    from escpos.printer import Dummy

    printer = Dummy(profile=HEADS[picture.width])
    if opens_drawer:
        printer.cashdraw(DRAWER_PIN)
    printer.image(picture, impl="bitImageRaster")
    printer.cut()
    return bytes(printer.output)


def is_inside(host: str) -> bool:
    """Whether an address lies in a private network. A name is none: what it leads to may change after one has looked."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_private and not (
        address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    )


def send(host: str, paper: bytes) -> None:
    """Raises ValueError for an address outside, PrinterSilent."""
    if not is_inside(host):
        raise ValueError("paper goes to printers of a private network only")
    try:
        with socket.create_connection((host, PORT), SECONDS) as printer:
            printer.sendall(paper)
    except OSError:
        raise PrinterSilent from None
