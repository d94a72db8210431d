"""What a city's office keeps of its places by hand: their facts and parts, photos, how crowded they are, the ways between them.

Vocabulary: a *part* is a courtyard, gate or service of a shrine; a *level* says how crowded a place is, by whoever stands there,
until a time that is soon over; a *way* leads from one place to another and back, with or without steps; a *route* is ways in
the order in which one walks them.

It is a room of its own because the neighbours take from files and from people what they tell; here somebody answers for it.
"""
