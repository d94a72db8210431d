"""The pilgrim's REST API: signing in, balance and statement.

Vocabulary: an *access token* (EdDSA JWT, 15 minutes) proves a sign-in to this API; a *refresh token* is used once and brings a
new pair; a *cursor* is an opaque place in a statement.

Invariants: nothing is decided here; errors are problem+json (RFC 9457) with the code of the domain error; digits are ASCII and
amounts whole Rial; no card number ever stands in an address or an answer, but masked.
"""
