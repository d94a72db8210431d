"""What a shop sells: products in a tree of groups, their codes, their prices over time, and the unions' ceilings.

Vocabulary: a *product* has a *code* (an EAN-13, EAN-8 or UPC-A of its maker, or the shop's own, printed as Code 128), a *unit*, points and
*marks* (Iranian, handicraft, cultural); a *price* is what everybody pays (list) and what a card-holder pays (card) from an instant on,
in the whole shop or in one branch; a *trade group* is a kind of goods of which a union holds the price down, its *ceiling*.

Invariants: two prices of one product in one branch never hold at the same instant, nor do two ceilings of one trade group; neither is
ever edited but for its end; a card price is never above its list price, and no list price above the ceiling is laid down or sold at.
"""
