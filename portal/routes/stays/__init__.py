"""Lodging: finding (pilgrims), own (their bookings), desk (arrivals), house (rooms and prices), authority (licences, ceilings);
programmes (pilgrims), own_programmes (who runs them)."""
