"""Pages of a municipality: its city's zones and works notices, with what everybody reads of them."""
