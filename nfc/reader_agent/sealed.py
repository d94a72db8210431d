"""What is for this terminal's screen alone: DF5F, sealed under the data key of the answer's own counter. It is shown and kept nowhere."""

from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reader_agent.answer import Answer, NoAnswer
from reader_agent.dukpt import TerminalKeys, Usage
from reader_agent.wire import Value

FIELDS = {
    0xDF76: "name", 0xDF77: "places", 0xDF78: "language", 0xDF79: "lodging", 0xDF7A: "leader", 0xDF7B: "mobile", 0xDF7C: "alert",
}  # fmt: skip
NONCE_BYTES = 12


def opened(answer: Answer, keys: TerminalKeys, fields: Mapping[int, Value]) -> dict[str, str]:
    """The fields of an answer's DF5F, none where it carries none. Raises NoAnswer for what the host did not seal for this request."""
    sealed = answer.private.get(0xDF5F)
    if sealed is None:
        return {}
    counter = int.from_bytes(answer.private[0xDF31][8:])
    bound_to = f"{str(fields[41]).rstrip()}{fields[7]}{fields[11]}".encode()
    try:
        clear = AESGCM(keys.working_key(counter, Usage.DATA_FROM_HOST)).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to
        )
    except InvalidTag:
        raise NoAnswer("what the answer shows is not sealed for this terminal") from None
    shown, at = {}, 0
    while at + 3 <= len(clear):
        name, length = FIELDS.get(int.from_bytes(clear[at : at + 2])), clear[at + 2]
        if name is not None:
            shown[name] = clear[at + 3 : at + 3 + length].decode(errors="replace")
        at += 3 + length
    return shown
