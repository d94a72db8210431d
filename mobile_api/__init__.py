"""The pilgrim's REST API.

Vocabulary: an *operation* is a method on a path, declared once (`contract.py`): its route, its checks, its errors and its page in
the OpenAPI document come from that; an *access token* (EdDSA JWT, 15 minutes) proves a sign-in; a *refresh token* is used once and
brings a new pair; a *cursor* is an opaque place in a list; an *idempotency key* makes a write happen once.

Invariants: nothing is decided here; every write of somebody who is signed in carries an idempotency key; errors are problem+json
(RFC 9457) with the code of the domain error; digits are ASCII and amounts whole Rial; no card number ever stands in an address or an
answer, but masked; a list page is at most 10 kB.
"""
