"""Use cases of quotas, a file for each: entering, sharing out, lists, handing out, falling back, telling."""
