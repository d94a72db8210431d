"""Lodging: finding (pilgrims), own (their bookings), desk (arrivals), house (rooms and prices), authority (licences, ceilings);
programmes (pilgrims), desk_seats (their desk), own_programmes (who runs them)."""
