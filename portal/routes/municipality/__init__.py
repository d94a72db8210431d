"""Pages of a municipality: its city's zones, works notices, permits and campaigns, with what everybody reads of them."""
