"""The parts a city is divided into, as its municipality draws them.

Vocabulary: an *outline* is the ring of corners around a zone, as (longitude, latitude); a zone is *redrawn* when its outline becomes
another; places *follow* when they are put into the zone that now covers them.

Invariants: an outline is one ring that does not cross itself, inside the city; where zones cover the same place the smallest counts;
zones that cut into each other are kept only where somebody says that it is meant; every place follows, soon after.
"""
