"""A first card, asked for by who has none, and handed over at a desk.

Vocabulary: a *wish* is what a person asked for: a kind of card, the language of its receipts, a city. It is *asked*, then *ready* at
the desk that a clerk names; it is *done* by the card that the person gets, *refused* with a reason, or *withdrawn*.

Invariants: one open wish a person; a card that comes into the person's hand by any way ends the wish; asking takes nothing from the
limits of issuing, which count when the card goes out.
"""
