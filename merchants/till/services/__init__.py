"""The use cases of a web till."""
