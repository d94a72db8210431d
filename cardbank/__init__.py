"""The bank behind the card: accounts and journal, cards and their keys.

Vocabulary: a *wallet* owns accounts; a *card* is a token that points to a wallet and a *member* of it; an *account* is one
purse, one credit lot or one shop position in one unit; a *request* is what was asked and answered; an *entry* is what was
posted; its *postings* sum to zero.

Invariants: a balance equals the sum of its postings; no balance is below its floor; one charge per request key; what was
acknowledged stays.
"""
