"""Branches of a shop that works already: further ones, their moves, their names, their licences and their end.

A branch is *asked for* by who runs the whole shop: name, city, address and point on the map, and the guild licence of that very
branch with its picture. The union of the shop's trade *approves* it, which puts the branch on the map at once and lets terminals be
opened in it, or *refuses* it with a reason; until then the shop may *give up*. A licence stands for one branch.

A branch *moves* within its city in the same way: address, point and the licence for the new place. It is *renamed* by the shop itself, and
*closed* by it, once no shift and no count is open; what is left in it, goods, customers' debts and expected deliveries, goes to another
branch, the *heir*. From the day after the last one of its own licence a branch is *suspended* until the union renews it.

Invariants: a shop keeps one branch at least (the municipality closes shops); a closed branch never opens again, takes no money, no goods
and no terminal, and keeps its history; a shift is never open in it.
"""
