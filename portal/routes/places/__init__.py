"""Pages of places: the directory, prayer times, the lunar calendar."""
