"""Double entry, append-only, exactly once, never below a floor.

Sign: a balance > 0 is owed to the wallet's owner, + raises that claim. Bank and cash mirrors are negative.
"""
