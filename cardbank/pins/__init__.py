"""The card's PIN: 4 to 6 digits that its holder sets at a desk, and signs in with by the card's number.

Vocabulary: a PIN is *set* by the holder's own hand at the desk. A *client* is where a try comes from; one from which the PIN was right
before is *known*, any other is a *stranger*. Five wrong tries in a row shut a PIN for one client; strangers' wrong tries are counted
together and make strangers wait, longer each time. A PIN is *opened* again by a clerk, or by the holder who signs in by telephone.
It opens the app and the API, and never a till: no terminal's keypad is asked for it, so that no try stops a tap.

Invariants: what is kept is an argon2 hash over a keyed digest, so that a copied table alone cannot be tried through; an unknown number, a
card without a PIN, a dead card, a PIN that is shut and a wrong PIN are answered alike, after the same work. Whoever knows a card's number
shuts its PIN for strangers, and never for a client that its holder has used.
"""
