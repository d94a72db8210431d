"""A shop asks for a further branch; its union decides."""
