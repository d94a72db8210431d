"""Use cases of programmes: planning (the office that runs them) and seating (who comes)."""
