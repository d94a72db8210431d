"""SMS by the REST interface of Kavenegar (kavenegar.com/rest.html), which other Iranian providers speak as well.

The account's key is a part of the address it is posted to, so no address is ever logged. `localid` is our number of the message: the
provider knows a repeat by it and answers with the message it has.
"""

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from kernel.messages.ports import Fate, IncomingText, Letter, Outcome
from kernel.messages.rules import ProviderAddress, mobile_of_provider

SECONDS = 8.0
LONGEST_ANSWER = 100_000
LONGEST_NUMBER, LONGEST_TEXT = 20, 500
TAKEN = 200
FAULTS = {
    401: "account", 403: "account", 407: "account", 412: "account",
    411: "number", 413: "text", 422: "text",
    418: "credit",
    409: "busy", 429: "busy",
}  # fmt: skip
FATES = {6: Fate.LOST, 10: Fate.DELIVERED, 11: Fate.LOST, 13: Fate.LOST, 14: Fate.REFUSED}


class KavenegarProvider:
    def __init__(self, address: ProviderAddress) -> None:
        self._address = address

    @property
    def name(self) -> str:
        return f"{self._address.host}:{self._address.port}/{self._address.sender}"

    def send(self, letter: Letter) -> Outcome:
        asked = {
            "receptor": _dialled(letter.to),
            "message": letter.text,
            "sender": self._address.sender,
            "localid": str(letter.number),
        }
        try:
            status, entries = self._ask("send", asked)
            if status == TAKEN:
                return Outcome(str(entries[0]["messageid"]), is_asked=True)
        except TimeoutError:
            return Outcome(None, "late")
        except (OSError, http.client.HTTPException):
            return Outcome(None, "unreachable")
        except (ValueError, LookupError, TypeError):
            return Outcome(None, "busy")
        return Outcome(None, FAULTS.get(status, "busy" if status >= 500 else "account"))

    def fates(self, references: Sequence[str]) -> Mapping[str, Fate]:
        try:
            _, entries = self._ask("status", {"messageid": ",".join(references)})
            known = {str(entry["messageid"]): FATES.get(entry["status"]) for entry in entries}
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
            return {}
        return {reference: fate for reference, fate in known.items() if fate is not None and reference in references}

    def _ask(self, method: str, asked: Mapping[str, str]) -> tuple[int, Any]:
        """The status that the answer states, and its entries. Raises OSError, HTTPException, ValueError, LookupError, TypeError."""
        is_plain = self._address.kind.endswith("+http")
        connect = http.client.HTTPConnection if is_plain else http.client.HTTPSConnection
        connection = connect(self._address.host, self._address.port, timeout=SECONDS)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
            connection.request("POST", f"/v1/{quote(self._address.user, safe='')}/sms/{method}.json", urlencode(asked), headers)
            answer = connection.getresponse()
            text = answer.read(LONGEST_ANSWER)
        finally:
            connection.close()
        if answer.status >= 500:
            return answer.status, []
        told = json.loads(text)
        return int(told["return"]["status"]), told["entries"]


def incoming_text(asked: Mapping[str, str]) -> IncomingText | None:
    """A text to our line as the provider brings it (`messageid`, `from`, `message`); None for what is none, or has no number to answer."""
    number, sender = asked.get("messageid", ""), mobile_of_provider(asked.get("from", ""))
    if sender is None or not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        return None
    return IncomingText(f"kavenegar {number}", sender, asked.get("message", "")[:LONGEST_TEXT])


def _dialled(number: str) -> str:
    """As one dials it in Iran."""
    return "0" + number[3:] if number.startswith("+98") else "00" + number[1:]
