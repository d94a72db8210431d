"""What a shop has: levels of goods in each branch, the journal behind them, deliveries, and counts nobody can steer.

Vocabulary: a *level* is how much of a product a branch has; a *movement* is one line of the journal, with the level after it; a
*delivery* is a supplier's note with what it should bring; a *count* is a blind stocktake, in which the counter never sees the level.

Invariants: quantities are thousandths of the product's unit; a level is the sum of its movements, which are never changed; a level is
below zero only where the shop allows it; what a count finds is posted by another person than the one who counted.
"""
