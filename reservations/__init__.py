"""Lodging, shrine programmes, capacity, waiting lists and check-in.

Vocabulary: a *unit* is what can be booked (a bed, a room, a seat) on a date; a *hold* keeps it for a while; a *booking* is a
hold that was paid or needs no payment; a *waiting list* is a fair order of those who want what is full.

Invariants: never more bookings than capacity; families and groups all or none; a booking is paid inside its own transaction.
"""
