"""What may be shown of demand, and what is expected of the days to come. Pure."""
