"""Pages of complaints: to complain and to follow (everybody), the offices that answer, refund orders, the shop's side."""
