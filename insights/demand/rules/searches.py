"""What is kept of a search: which kind of party looked. Pure."""

from reservations.lodging.rules import Party


def party_kind(party: Party) -> str:
    """As houses divide people: men, women, or a family, which is both together or brings children."""
    if party.children or (party.men and party.women):
        return "family"
    return "women" if party.women else "men"
