"""Pages of organisations that pay for their members, and of who confirms their deposits."""
