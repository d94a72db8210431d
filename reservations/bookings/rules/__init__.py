"""Rules of bookings: states and times, waiting lists, passes."""
