"""One frozen settings object, read from the environment once at start."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from stdnum.iso7064 import mod_97_10

from kernel.errors import StartRefused
from kernel.messages.rules import Channel, is_email, provider_addresses, quiet_hours

PREFIX = "PILGRIM_"


class Settings(BaseSettings):
    """Environment of one process. Keys carry the prefix PILGRIM_, but for DATABASE_URL and REDIS_URL."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: str = Field(validation_alias="DATABASE_URL")
    redis_url: str = Field(validation_alias="REDIS_URL")
    admin_database_url: str = ""
    environment: Literal["laboratory", "production"]
    run_dir: Path
    teller_socket: Path
    web_bind: str = "127.0.0.1:8800"
    portal_address: str = ""
    gateway_bind: str = "127.0.0.1:8583"
    gateway_tls_bind: str = ""
    gateway_tls_certificate: Path | None = None
    gateway_tls_key: Path | None = None
    gateway_tls_client_ca: Path | None = None
    gateway_address: str = ""
    secret_key: str = Field(min_length=32, repr=False)
    keystore_file: Path
    documents_dir: Path | None = None
    business_day_zone: str = "Asia/Tehran"
    ledger_partitions: Literal["month", "day"] = "month"
    bank_works_on_thursday: bool = False
    payout_debtor_name: str = Field(default="Pilgrim Card", min_length=1, max_length=70)
    payout_debtor_sheba: str = ""
    payout_debtor_bic: str = ""
    payout_account_days: int = Field(default=1_827, ge=30)
    bank_account_cooling_off_hours: int = Field(default=48, ge=0)
    complaint_days: int = Field(default=60, ge=1, le=365)
    complaint_answer_hours: int = Field(default=72, ge=1)
    refund_appeal_days: int = Field(default=10, ge=0)
    second_step_required: bool | None = None
    sms_providers: str = Field(default="", repr=False)
    sms_secret: str = Field(default="", repr=False, pattern=r"^([A-Za-z0-9_-]{32,64})?$")
    mail_providers: str = Field(default="", repr=False)
    mail_from: str = ""
    quiet_hours: str = "22-8"
    letter_people_alone: int = Field(default=500, ge=0)
    card_replacement_fee_rial: int = Field(default=0, ge=0, le=1_000_000_000)
    api_requests_per_minute: int = Field(default=240, ge=1)
    till_reader_port: int = Field(default=8591, ge=1, le=65_535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("business_day_zone")
    @classmethod
    def zone_exists(cls, name: str) -> str:
        ZoneInfo(name)
        return name

    @field_validator("sms_providers")
    @classmethod
    def are_sms_providers(cls, text: str) -> str:
        provider_addresses(Channel.SMS, text)
        return text

    @field_validator("mail_providers")
    @classmethod
    def are_mail_providers(cls, text: str) -> str:
        provider_addresses(Channel.EMAIL, text)
        return text

    @field_validator("mail_from")
    @classmethod
    def is_mail_address(cls, address: str) -> str:
        if address and not is_email(address):
            raise ValueError("this is no e-mail address")
        return address

    @field_validator("quiet_hours")
    @classmethod
    def are_quiet_hours(cls, text: str) -> str:
        quiet_hours(text)
        return text

    @field_validator("payout_debtor_sheba")
    @classmethod
    def is_sheba(cls, sheba: str) -> str:
        if sheba and not (re.fullmatch(r"IR\d{24}", sheba) and mod_97_10.is_valid(sheba[4:] + sheba[:4])):
            raise ValueError("a Sheba is IR and 24 digits, the first two of which check the others")
        return sheba

    @field_validator("payout_debtor_bic")
    @classmethod
    def is_bic(cls, bic: str) -> str:
        if bic and not re.fullmatch(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?", bic):
            raise ValueError("a BIC has 8 or 11 letters and digits (ISO 9362)")
        return bic

    @model_validator(mode="after")
    def payer_is_whole(self) -> Self:
        if bool(self.payout_debtor_sheba) != bool(self.payout_debtor_bic):
            raise ValueError("PILGRIM_PAYOUT_DEBTOR_SHEBA and PILGRIM_PAYOUT_DEBTOR_BIC are set together or not at all")
        return self

    @field_validator("portal_address")
    @classmethod
    def is_portal_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"https?://[\w.:\[\]-]+/?", address, re.ASCII):
            raise ValueError("the portal's address is written like https://card.example.ir")
        return address

    @model_validator(mode="after")
    def mail_has_a_sender(self) -> Self:
        if bool(self.mail_providers) != bool(self.mail_from):
            raise ValueError("PILGRIM_MAIL_PROVIDERS and PILGRIM_MAIL_FROM are set together or not at all")
        return self

    @model_validator(mode="after")
    def messages_lead_somewhere(self) -> Self:
        if (self.sms_providers or self.mail_providers) and not self.is_laboratory and not self.portal_address:
            raise ValueError("PILGRIM_PORTAL_ADDRESS is needed where messages are sent: links in them lead there")
        return self

    @property
    def is_laboratory(self) -> bool:
        return self.environment == "laboratory"

    @property
    def requires_second_step(self) -> bool:
        """Whether who moves money or decides must sign in with a one-time code too; a laboratory leaves it to them."""
        return not self.is_laboratory if self.second_step_required is None else self.second_step_required

    @property
    def documents_folder(self) -> Path:
        """Where uploaded papers lie: outside of what the web server serves."""
        return self.documents_dir or self.run_dir / "documents"

    @property
    def portal(self) -> str:
        """Where messages lead to, without a stroke at its end."""
        return (self.portal_address or f"http://{self.web_bind}").rstrip("/")

    @property
    def gateway_for_tills(self) -> tuple[str, int]:
        """Host and port that a till is told to connect to."""
        host, _, port = (self.gateway_address or self.gateway_tls_bind or self.gateway_bind).rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.business_day_zone)

    @property
    def owner_database_url(self) -> str:
        return self.admin_database_url or self.database_url


# The launcher and the test suite read these; the processes do not.
FOREIGN_KEYS = frozenset(
    {"PILGRIM_TEST_SERVER_URL", "PILGRIM_TEST_REDIS_URL", "PILGRIM_TEST_DURABLE_INITDB", "PILGRIM_SCREENSHOTS"}
)


@cache
def load_settings() -> Settings:
    """The settings of this process.

    Raises StartRefused with one sentence that names each missing, wrong or unknown key.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | FOREIGN_KEYS
    unknown = sorted(key for key in os.environ if key.startswith(PREFIX) and key not in known)
    if unknown:
        raise StartRefused(f"Unknown setting {', '.join(unknown)}: remove it or correct its name.")
    try:
        settings = Settings()
    except ValidationError as error:
        faults = "; ".join(": ".join((*map(_environment_key, fault["loc"][:1]), fault["msg"])) for fault in error.errors())
        raise StartRefused(f"Settings are not complete ({faults}). ./pilgrim sets them for you.") from None
    if not settings.is_laboratory and not settings.gateway_tls_bind:
        raise StartRefused("PILGRIM_GATEWAY_TLS_BIND is required in production: terminals speak TLS there.")
    return settings


def _environment_key(field: int | str) -> str:
    name = str(field)
    return name if name.isupper() else PREFIX + name.upper()
