"""Ways to the outside: the providers that the settings name, by channel and in their order."""

from collections.abc import Mapping, Sequence

from kernel.messages.adapters.kavenegar import KavenegarProvider
from kernel.messages.adapters.laboratory import LaboratoryProvider
from kernel.messages.adapters.smtp import SmtpProvider
from kernel.messages.ports import Provider
from kernel.messages.rules import Channel, provider_addresses
from kernel.settings import Settings


def providers_of(settings: Settings) -> Mapping[Channel, Sequence[Provider]]:
    """A laboratory that names none has its own for both channels; elsewhere such a channel is closed."""
    lines = provider_addresses(Channel.SMS, settings.sms_providers)
    relays = provider_addresses(Channel.EMAIL, settings.mail_providers)
    found: dict[Channel, Sequence[Provider]] = {
        Channel.SMS: [KavenegarProvider(one) for one in lines],
        Channel.EMAIL: [SmtpProvider(one, settings.mail_from) for one in relays],
    }
    if settings.is_laboratory:
        return {channel: providers or [LaboratoryProvider()] for channel, providers in found.items()}
    return found
