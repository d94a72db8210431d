"""Quality of shops' data: what is missing or wrong, how much it weighs, and who can mend it.

Invariants: nothing is stored, so a fault is gone as soon as it is mended; a body sees its own shops' faults only.
"""
