"""What a terminal is told once: its names, its gateway and its initial key."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TPDU_LENGTH = 5


class ConfigError(Exception):
    """The terminal's configuration cannot be used; names the field and no value."""


@dataclass(frozen=True)
class Certified:
    """Files of a till that speaks TLS: its certificate, the key of it, and whom it takes for the gateway."""

    certificate: Path
    key: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or later with the till's own certificate, for a gateway that the authority names. Raises ConfigError."""
        try:
            context = ssl.create_default_context(cafile=str(self.authority))
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError):
            raise ConfigError("certificate, key or authority cannot be used; set the till up anew") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


@dataclass(frozen=True)
class TerminalConfig:
    """What `pilgrim terminal new --json` prints, or what the till's own set-up has written; `certified` None = no TLS."""

    terminal: str
    acceptor: str
    tpdu: bytes
    host: str
    port: int
    initial_key: bytes = field(repr=False)
    initial_key_id: bytes
    currency: str
    language: str
    certified: Certified | None = None

    @classmethod
    def from_object(cls, given: Mapping[str, object], beside: Path = Path()) -> "TerminalConfig":
        """Names of files are taken from the folder `beside`. Raises ConfigError."""
        try:
            if given["key_profile"] != "01":
                raise ConfigError("key_profile must be 01, AES-DUKPT")
            config = cls(
                terminal=str(given["terminal"]).ljust(8),
                acceptor=str(given["acceptor"]).ljust(15),
                tpdu=bytes.fromhex(str(given["tpdu"])),
                host=str(given["host"]),
                port=int(str(given["port"])),
                initial_key=bytes.fromhex(str(given["initial_key"])),
                initial_key_id=bytes.fromhex(str(given["initial_key_id"])),
                currency=str(given.get("currency", "364")),
                language=str(given.get("language", "fa")),
                certified=_certified(given, beside),
            )
        except KeyError as missing:
            raise ConfigError(f"the field {missing} is missing") from None
        except ValueError:
            raise ConfigError("tpdu, initial_key, initial_key_id must be hexadecimal and port a number") from None
        lengths = (len(config.tpdu), len(config.initial_key), len(config.initial_key_id))
        if lengths != (TPDU_LENGTH, 16, 8):
            raise ConfigError("a tpdu has 5 bytes, an initial_key 16 and an initial_key_id 8")
        if (len(config.terminal), len(config.acceptor), len(config.currency)) != (8, 15, 3):
            raise ConfigError("a terminal has at most 8 characters, an acceptor 15, a currency 3")
        return config

    @classmethod
    def from_file(cls, path: Path) -> "TerminalConfig":
        """Raises ConfigError."""
        try:
            given = json.loads(path.read_text())
        except OSError as error:
            raise ConfigError(f"the configuration cannot be read: {error.strerror}") from None
        except ValueError:
            raise ConfigError("the configuration is not JSON") from None
        if not isinstance(given, dict):
            raise ConfigError("the configuration is not a JSON object")
        return cls.from_object(given, path.parent)


def _certified(given: Mapping[str, object], beside: Path) -> Certified | None:
    if "certificate" not in given:
        return None
    return Certified(beside / str(given["certificate"]), beside / str(given["key"]), beside / str(given["authority"]))
