"""Pages of the web till."""
