"""How a shop comes in: its file, what the file still needs, who decides on it, and the till it gets at the end.

Vocabulary: an *application* is a shop's file; a *piece* is one thing the file is made of (an answer or a paper); a *requirement*
says when a piece is due; a *paper* is an uploaded document; a *trade* belongs to one *union* of a city; the *overseer* of a city
is its municipality; a *decision* moves a file from one state to the next; a *member import* is a union's list of its members.

Invariants: states run applied → union review → municipality review → active → suspended → closed, and *returned* asks for exactly
the pieces named; a file is decided by the union of its trade or the overseer of its city, in their turn, and by nobody else; each
version of a file is decided once; a paper is never overwritten; nothing of an import exists before all of it does.
"""
