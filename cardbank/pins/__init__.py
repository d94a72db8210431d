"""The card's PIN: 4 to 6 digits that its holder sets at a desk, and signs in with by the card's number.

Vocabulary: a PIN is *set* by the holder's own hand at the desk, *locked* after five wrong tries in a row, *opened* again by a clerk.
It opens the app and the API, and never a till: no terminal's keypad is asked for it.

Invariants: what is kept is an argon2 hash over a keyed digest, so that a copied table alone cannot be tried through; an unknown number, a
card without a PIN, a dead card, a locked PIN and a wrong PIN are answered alike, after the same work.
"""
