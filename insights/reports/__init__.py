"""Reports for people: what was sold, paid out and issued in a period, grouped as they ask.

Vocabulary: a *scope* is the organisation a report is made for, which decides whose lines it counts and how closely it may look; a
*saved view* is what a person asked for, under a name; a *long file* is one that is made in the background, a piece a turn.

Invariants: the sum of a report is the sum of the ledger's entries it counts, to the Rial; a union and a city's office never see a
group of fewer than three shops; a file is its owner's alone and is gone after a week.
"""
