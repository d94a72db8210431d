"""Campaigns of a municipality: something that goes on in its city for some days, in which shops take part.

Vocabulary: a campaign is *published* with a title and a text, from a day to a day, for all shops of the city or those of one zone, of one
kind, or both; it is *coming*, then *running*, then *over*, or *called off* before. A shop that *fits* *joins* until the last day, and may
*leave* until the campaign begins.

Invariants: a city's own municipality publishes for that city alone; a form that is sent twice publishes one campaign; a shop joins once;
nobody joins what is over, and nobody leaves what has begun, so that what its shops sold is counted of the same shops for ever. A campaign
gives no credit: who pays for credit is settled in programmes of `loyalty`.
"""
