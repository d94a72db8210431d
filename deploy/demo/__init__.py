"""The demonstration: its data, and the drive that makes taps flow through the whole platform."""
