"""Where papers are kept."""
