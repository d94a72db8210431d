"""Works notices: what a municipality tells of its streets, stations, water and gates while they are closed or cut.

Vocabulary: a *notice* is *published* for a place, a zone or the whole city, from an instant to another; it is *live* from a day
before its beginning until its end, or until it is *called off*. Shops it touches may be *told*, and told again when it is called off.

Invariants: a city's own municipality publishes for that city alone; a form that is sent twice publishes one notice; a notice is called
off once; a shop's owner is told once, and of the calling off only who was told before.
"""
