"""E-mail by SMTP, over TLS unless the settings name a relay of one's own network as plain."""

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime

from kernel.messages.ports import Fate, Letter, Outcome
from kernel.messages.rules import ProviderAddress

SECONDS = 10.0
PERMANENT = 500


class SmtpProvider:
    def __init__(self, address: ProviderAddress, sender: str) -> None:
        self._address = address
        self._sender = sender

    @property
    def name(self) -> str:
        return self._address.host

    def send(self, letter: Letter) -> Outcome:
        try:
            with self._connected() as server:
                server.send_message(self._mail(letter), self._sender, [letter.to])
        except TimeoutError:
            return Outcome(None, "late")
        except smtplib.SMTPRecipientsRefused as refused:
            [(code, _)] = refused.recipients.values()
            return Outcome(None, "number" if code >= PERMANENT else "busy")
        except smtplib.SMTPDataError as refused:
            return Outcome(None, "text" if refused.smtp_code >= PERMANENT else "busy")
        except smtplib.SMTPResponseException as refused:
            return Outcome(None, "account" if refused.smtp_code >= PERMANENT else "busy")
        except (OSError, smtplib.SMTPException):
            return Outcome(None, "unreachable")
        return Outcome(_message_id(letter, self._sender))

    def fates(self, references: Sequence[str]) -> Mapping[str, Fate]:
        """Mail tells nothing after it was taken."""
        return {}

    def _connected(self) -> smtplib.SMTP:
        host, port, kind = self._address.host, self._address.port, self._address.kind
        if kind == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            if kind == "smtp":
                server.starttls(context=ssl.create_default_context())
            if self._address.user:
                server.login(self._address.user, self._address.password)
        except BaseException:
            server.close()
            raise
        return server

    def _mail(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address("Pilgrim Card", addr_spec=self._sender)
        mail["To"] = Address(addr_spec=letter.to)
        mail["Subject"] = letter.subject
        mail["Date"] = localtime()
        mail["Message-ID"] = _message_id(letter, self._sender)
        mail["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe:
            mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(letter.text, charset="utf-8", cte="base64")
        if letter.html:
            mail.add_alternative(letter.html, subtype="html", charset="utf-8", cte="base64")
        return mail


def _message_id(letter: Letter, sender: str) -> str:
    """The same at every try, so that a mailbox shows a repeat once."""
    return f"<pilgrim-{letter.number}@{sender.rpartition('@')[2]}>"
