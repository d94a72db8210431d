"""Lodging, shrine programmes, capacity, waiting lists and check-in.

Vocabulary: a *lodging* is a merchant's property; a *class* is a kind of room or bed in it, a *unit* one room, a *place* a room or
a numbered bed of one; a *night* is named by its evening; a *pool* is a programme's seats of one kind; a *hold* keeps places for a
while; a *booking* is a hold that was paid or needs no payment; a *waiting list* is a fair order of those who want what is full.

Invariants: never more bookings than places; families and groups all or none; a night is bookable only with a valid licence and at
a price under the ceiling of its date; a booking is paid inside its own transaction; a hold that has run out holds nothing, swept
or not; nobody on a waiting list is overtaken.
"""
