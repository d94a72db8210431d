"""What is known of a place's past, statement by statement, and what was changed in its record.

Vocabulary: a *statement* says one thing (founded, rebuilt, a former name, a line of makers, something that happened), in up to four
languages, of a year or of none, with who says so and under which licence. It is written by the city's office, told by people and accepted
there, or read from a file of places. A *change* is a line of the audit about the place's record.

Invariants: no statement without a source and a licence; what is removed stays on record; years keep the calendar in which they are known.
"""
