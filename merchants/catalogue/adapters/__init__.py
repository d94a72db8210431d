"""How goods leave on paper."""
