"""Demand against capacity: what pilgrims look for, wait for and have booked, beside what a city can offer, day by day.

Vocabulary: *places* are rooms let whole and beds let one by one, or seats, that may be sold; *beds* are the people they take; *taken*
is what is booked or held; *arrivals* are people whose stay begins on a day, *guests* the people who sleep there that night; a *lead*
is a number of days before; a *round* looks at every house, a slice a turn, and begins again.

Invariants: a search is counted without saying whose it was, and is answered whether or not it can be counted; what a page shows of
houses is of the last round and says its age; nothing about one to nine people is shown, nor what it could be computed from; what
was reported elsewhere stands beside our own figures and is never added to them.
"""
