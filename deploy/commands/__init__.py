"""What the launcher runs inside the virtual environment: `python -m deploy.commands <verb>`, one file a verb."""
