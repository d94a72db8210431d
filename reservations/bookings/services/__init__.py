"""Use cases of bookings: holding, paying, cancelling, staying (the desk), waiting, letting in (doors)."""
