"""Fields of a shop's own: what it wants to say of its products and of its page beyond what every shop has.

Vocabulary: a *field* has a name, a kind (text, number, day, choice, yes or no) and a *subject*, products or the page; it is *public* where
pilgrims read it, and may stand on labels of products. An *ended* field is asked for no more; what was said in it is not shown any more.

Invariants: a shop has at most twelve fields of a subject, no two of one name; a value is kept in one form whatever way it was typed, and
what does not fit its field is refused. Fields are about goods and shops, never about people: a shop has no page of a customer.
"""
