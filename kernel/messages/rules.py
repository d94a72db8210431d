"""How a message is addressed, counted and dated, and who carries it when. Pure.

Sources: 3GPP TS 23.038 (the 7-bit alphabet and its extension table) and TS 23.040 (9.2.3.24.1: a part of a longer message loses six
octets to its header, so 153 of 160 septets or 67 of 70 UCS-2 characters are left).
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from kernel.messages.errors import WrongAddress

SEVEN_BIT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWO_SEPTETS = frozenset("\f^{}\\[~]|€")
LONGEST_EMAIL = 120
LEASE = timedelta(minutes=5)  # more than twenty tries take; a worker that died in between is found by it
# After the first round of all providers, and after each further one: about six hours in all.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3_600, 18_000))


class Channel(StrEnum):
    SMS = "sms"
    EMAIL = "email"


class Purpose(StrEnum):
    CODE = "code"
    SERVICE = "service"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of message. `code` names its sentence at the edge; what is not sent within `lives` is not sent any more.

    `most_a_day` to one address, of what a stranger can have sent to a number that is not theirs.
    """

    code: str
    purpose: Purpose
    lives: timedelta = timedelta(days=1)
    most_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which offers wait, in whole hours of the local day; `begins` may lie after `ends`, which is the next morning."""

    begins: int
    ends: int

    def holds(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at.hour < self.ends
        return at.hour >= self.begins or at.hour < self.ends


def channel_of(address: str) -> Channel:
    """Raises WrongAddress."""
    if re.fullmatch(r"\+[1-9][0-9]{7,14}", address):
        return Channel.SMS
    if is_email(address):
        return Channel.EMAIL
    raise WrongAddress(field="to")


def is_email(address: str) -> bool:
    """In ASCII, as not every relay takes more."""
    if len(address) > LONGEST_EMAIL or not address.isascii():
        return False
    return re.fullmatch(r"[\w.+'-]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", address, re.IGNORECASE) is not None


def shown(address: str) -> str:
    """The address so that its owner knows it and nobody else learns it: `+98915•••••67`, `a•••@example.org`."""
    if address.startswith("+"):
        return address[:6] + "•" * (len(address) - 8) + address[-2:]
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def parts_of(text: str) -> int:
    """How many SMS a text is paid as."""
    if set(text) <= SEVEN_BIT | TWO_SEPTETS:
        return _parts([2 if letter in TWO_SEPTETS else 1 for letter in text], 160, 153)
    return _parts([len(letter.encode("utf-16-be")) // 2 for letter in text], 70, 67)


def _parts(lengths: list[int], alone: int, of_several: int) -> int:
    """No letter is cut in two: one of two units that does not fit any more begins the next part."""
    if sum(lengths) <= alone:
        return 1
    parts, used = 1, 0
    for length in lengths:
        if used + length > of_several:
            parts, used = parts + 1, 0
        used += length
    return parts


def send_at(purpose: Purpose, channel: Channel, now: datetime, quiet: Quiet, zone: ZoneInfo) -> datetime:
    """Now, but for an offer by SMS in the quiet hours: when they end. An e-mail wakes nobody."""
    local = now.astimezone(zone)
    if purpose is not Purpose.OFFER or channel is Channel.EMAIL or not quiet.holds(local.time()):
        return now
    end = local.replace(hour=quiet.ends, minute=0, second=0, microsecond=0)
    return (end if end > local else end + timedelta(days=1)).astimezone(now.tzinfo)


def provider_of(tries: int, providers: int) -> int:
    """Whose turn it is after so many failed tries: one after the other."""
    return tries % providers


def pause_after(tries: int, providers: int) -> timedelta | None:
    """How long to wait after so many failed tries: not at all for the next provider, then for the next round; None when it is enough."""
    rounds, place = divmod(tries, providers)
    if place:
        return timedelta(0)
    return PAUSES[rounds - 1] if rounds <= len(PAUSES) else None


@dataclass(frozen=True, slots=True)
class ProviderAddress:
    """A provider as the settings name it. `sender` is the line that SMS come from."""

    kind: str
    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    sender: str


PORTS = {
    Channel.SMS: {"kavenegar": 443, "kavenegar+http": 80},
    Channel.EMAIL: {"smtps": 465, "smtp": 587, "smtp+plain": 25},
}
FORMS = {
    Channel.SMS: "kavenegar://KEY@api.kavenegar.com/?sender=LINE",
    Channel.EMAIL: "smtps://USER:PASSWORD@mail.example.org",
}


def provider_addresses(channel: Channel, text: str) -> list[ProviderAddress]:
    """Providers by their order, separated by spaces. Raises ValueError with a sentence that repeats no secret."""
    found = []
    for place, one in enumerate(text.split(), 1):
        parts = urlsplit(one)
        try:
            port = parts.port
        except ValueError:
            port = -1
        sender = parse_qs(parts.query).get("sender", [""])[0]
        if (
            parts.scheme not in PORTS[channel]
            or not parts.hostname
            or port == -1
            or (channel is Channel.SMS and not (parts.username and sender))
        ):
            raise ValueError(f"provider {place} is not written like {FORMS[channel]}")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        found.append(ProviderAddress(parts.scheme, parts.hostname, port or PORTS[channel][parts.scheme], user, password, sender))
    return found


def quiet_hours(text: str) -> Quiet:
    """`22-8`. Raises ValueError."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-3])", text)
    if not found:
        raise ValueError("quiet hours are two hours of the day, such as 22-8")
    return Quiet(int(found[1]), int(found[2]))


def ask_again_at(sent_at: datetime, now: datetime) -> datetime | None:
    """When to ask next what became of a letter; None two days after it was sent."""
    age = now - sent_at
    if age >= timedelta(days=2):
        return None
    if age < timedelta(minutes=5):
        return now + timedelta(seconds=30)
    return now + (timedelta(minutes=10) if age < timedelta(hours=1) else timedelta(hours=3))


def mobile_of_provider(number: str) -> str | None:
    """A sender's number as providers write it, `0915…`, `98915…` or `00…`, with its `+`; None for a short number or a name."""
    digits = number.removeprefix("+").removeprefix("00")
    if re.fullmatch(r"0?9[0-9]{9}", digits):
        return "+98" + digits[-10:]
    return f"+{digits}" if re.fullmatch(r"[1-9][0-9]{9,14}", digits) else None
