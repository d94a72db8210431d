"""Use cases of tags: readers, what they report, and sweeps."""
