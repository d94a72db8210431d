"""A shop's own look: an accent colour and a logo, on its public page, at its web till and on the receipts of that till.

Vocabulary: an *accent* is one of few named colours, whose shades for light and dark pages stand in the portal's style sheet, so that
text on each can be read; a *logo* is what a shop uploaded, drawn anew on white.

Invariants: a shop without a look has the platform's; a file of the store is served to the public only while a shop has it as its logo.
"""
