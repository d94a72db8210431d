"""Commands and answers after AuthenticateEV2First, in CommMode.MAC and CommMode.FULL; used when a card is personalised.

The command counter (CmdCtr) is 0 at the authentication and one more after each command; a caller names the counter
of the command, for its answer too. CommMode.MAC sends header ‖ data ‖ MACt, CommMode.FULL header ‖ E(data) ‖ MACt.

Sources: NT4H2421Gx data sheet rev 3.0, 9.1.2 (counter), 9.1.3 (MAC), 9.1.4 (IV, padding), 9.1.9 and 9.1.10 (modes);
worked examples AN12196 5.3, 6.12 and 7.3, AN12343 p16, p54-57, p64 and p83-85.
"""

from hmac import compare_digest

from cardbank.cards.aes import BLOCK, ZERO_BLOCK, cmac, decrypt, encrypt, pad, truncated, unpad
from cardbank.cards.ev2 import CardProofRefused, EV2Session

MAC_BYTES = 8
STATUS_OK = 0x00
LAST_COUNTER = 0xFFFE  # the answer counts one further


def mac_command(session: EV2Session, counter: int, command: int, header: bytes = b"", data: bytes = b"") -> bytes:
    """The body of a command in CommMode.MAC. Raises ValueError for a counter outside 0 … FFFE."""
    return header + data + _mac(session, counter, command, header + data)


def full_command(session: EV2Session, counter: int, command: int, header: bytes = b"", data: bytes = b"") -> bytes:
    """The body of a command in CommMode.FULL; empty data stay empty. Raises ValueError as `mac_command`."""
    return mac_command(session, counter, command, header, _encrypted(session, counter, data))


def mac_response(session: EV2Session, counter: int, body: bytes, status: int = STATUS_OK) -> bytes:
    """The data of an answer in CommMode.MAC: `body` (data ‖ MACt, without 91xx) after its check.

    Raises CardProofRefused when the MAC is missing or wrong, ValueError as `mac_command`.
    """
    data, mac = body[:-MAC_BYTES], body[-MAC_BYTES:]
    if not compare_digest(mac, _mac(session, counter, status, data, answered=1)):
        raise CardProofRefused("the MAC of the card's answer is wrong")
    return data


def full_response(session: EV2Session, counter: int, body: bytes, status: int = STATUS_OK) -> bytes:
    """The clear data of an answer in CommMode.FULL, checked before it is decrypted.

    Raises CardProofRefused when the MAC or the padding is wrong, ValueError as `mac_command`.
    """
    ciphered = mac_response(session, counter, body, status)
    if not ciphered:
        return b""
    try:
        return unpad(decrypt(session.ses_enc, ciphered, response_iv(session, counter)))
    except ValueError:
        raise CardProofRefused("the card's answer is not padded whole blocks") from None


def command_iv(session: EV2Session, counter: int) -> bytes:
    """E(A55A ‖ TI ‖ CmdCtr ‖ 0…), 16 bytes: where the data of a command begin."""
    return _iv(session, b"\xa5\x5a", counter)


def response_iv(session: EV2Session, counter: int) -> bytes:
    """E(5AA5 ‖ TI ‖ CmdCtr + 1 ‖ 0…), 16 bytes: where the data of its answer begin."""
    return _iv(session, b"\x5a\xa5", counter, answered=1)


def _encrypted(session: EV2Session, counter: int, data: bytes) -> bytes:
    return encrypt(session.ses_enc, pad(data), command_iv(session, counter)) if data else b""


def _iv(session: EV2Session, label: bytes, counter: int, answered: int = 0) -> bytes:
    block = label + session.ti + _count(counter, answered)
    return encrypt(session.ses_enc, block + ZERO_BLOCK[: BLOCK - len(block)])


def _mac(session: EV2Session, counter: int, code: int, body: bytes, answered: int = 0) -> bytes:
    return truncated(cmac(session.ses_mac, bytes([code]) + _count(counter, answered) + session.ti + body))


def _count(counter: int, answered: int) -> bytes:
    if not 0 <= counter <= LAST_COUNTER:
        raise ValueError("a command counter is 0 to FFFE: authenticate again")
    return (counter + answered).to_bytes(2, "little")
