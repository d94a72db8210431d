"""Use cases of instalments, by who is at work: contracts, lines, the till, the collector."""
