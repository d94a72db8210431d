"""Handing out cards within limits that the operator sets.

Vocabulary: a *limit* says how many cards one *subject* (a person, a branch, an operator's account, the whole network) may get or hand
out in a *period* (a Tehran day, a Jalali month, ever), of one kind or of all; an *issue* is one card that was handed out; an
*exception* lets one person have one card beyond the limits, once, after a second operator has allowed it.

Invariants: a limit is never edited, it ends and another begins; an issue is counted under a lock of its subjects, so that the last card
within a limit goes out once; who asks for an exception never allows it. Replacements and gift cards are no issues: a replacement
gives nobody a further card, and gift cards are limited by their batches.
"""
