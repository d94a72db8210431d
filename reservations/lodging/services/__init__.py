"""Use cases of lodging: registering (the property, its rooms, its terms), licensing and pricing (with the authority)."""
