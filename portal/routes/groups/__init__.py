"""Pages of groups of customers and of what is written to them."""
