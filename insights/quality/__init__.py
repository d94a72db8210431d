"""Quality of shops' data: what is missing or wrong, how much it weighs, and who can mend it.

Vocabulary: a *round* looks at every shop of the network, a slice a turn, and begins again; what it found is *kept*, so that a queue
of all shops is read and not computed.

Invariants: what stands beside a shop on a page is of now, so a fault is gone as soon as it is mended; the order and the counts are at
most two rounds old and say their age; a body sees its own shops' faults only, whatever is kept.
"""
