"""One card that listens by itself on a UDP port, through stock nfcpy as the card's end."""

from nfc.clf import CommunicationError, ContactlessFrontend, LocalTarget

from virtual_card.card import Card
from virtual_card.field import ANSWER_TO_REQUEST, REQA, SAK_ISO_DEP
from virtual_card.iso_dep import IsoDepTarget

LISTEN_SECONDS = 60.0


class PortTaken(OSError):
    """Another process listens on the UDP port; nfcpy allows one listener to a port."""


def listen(card: Card, port: int) -> None:
    """Answer readers on `port` without end; nfcpy binds it on every address. Raises PortTaken."""
    target = LocalTarget("106A")
    target.sens_res = bytearray(ANSWER_TO_REQUEST)
    target.sdd_res = bytearray(card.profile.uid)
    target.sel_res = bytearray(SAK_ISO_DEP)
    iso_dep = IsoDepTarget(card.process, card.power_off)
    with ContactlessFrontend(f"udp:127.0.0.1:{port}") as frontend:
        while True:
            activated = frontend.listen(target, LISTEN_SECONDS)
            if activated is not None and activated.tt4_cmd is not None:
                _converse(frontend, iso_dep, bytes(activated.tt4_cmd))
            elif activated is None and _is_taken(frontend):
                raise PortTaken(f"UDP port {port} is in use")


def _converse(frontend: ContactlessFrontend, iso_dep: IsoDepTarget, block: bytes) -> None:
    """Exchange blocks until the field goes off, or a new poll shows that the reader died without saying so."""
    iso_dep.reset()
    while block != REQA:
        try:
            block = bytes(frontend.exchange(iso_dep.receive(block), None))
        except CommunicationError:
            break
    iso_dep.reset()


def _is_taken(frontend: ContactlessFrontend) -> bool:
    """After a listen that returned nothing: an unbound socket means that binding was refused."""
    return frontend.device.socket is None or frontend.device.socket.getsockname()[1] == 0
