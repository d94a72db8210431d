"""Further branches of a shop that works already.

A branch is *asked for* by who runs the whole shop: name, city, address and point on the map, and the guild licence of that very
branch with its picture. The union of the shop's trade *approves* it, which puts the branch on the map at once and lets terminals be
opened in it, or *refuses* it with a reason; until then the shop may *give up*. A licence stands for one branch.
"""
