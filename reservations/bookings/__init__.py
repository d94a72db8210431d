"""Bookings of lodging and programmes: holds, payments, cancellations, stays, waiting lists, passes and doors.

Locks are taken in one order: what is scarce (classes, pools) by id, then bookings by id, then wallets. Giving places back locks
the booking alone, so nothing that frees them ever waits for somebody who looks for them.
"""
