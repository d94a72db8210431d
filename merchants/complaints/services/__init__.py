"""Use cases of complaints, by who acts: the complainant, the office, the union that orders a refund, the clock."""
