"""Pages of quotas, a file for each task: the office, lists, the desk, the shop."""
