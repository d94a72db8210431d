"""SMS and e-mail: what the platform tells people outside of its pages.

Vocabulary: a *notice* is a kind of message with a purpose: a *code* that somebody waits for, a *service* message about their own
affairs, an *offer* they may refuse; a *message* is one notice to one address; a *provider* carries messages of one channel; a *letter* is
a message in words, on its way to a provider.

Invariants: a message is written in the transaction that causes it and leaves after it; one with a key is sent once; number, e-mail
address and facts are sealed, and outside the laboratory the facts are wiped when nothing more is to be sent; no address and no text is
ever logged; an offer reaches nobody who refused offers, and none by SMS at night.
"""
