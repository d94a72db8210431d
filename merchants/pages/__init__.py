"""Shops' public pages: that prices on them have changed, and who says that one is being updated.

A shop says so of its own branches, its union and the municipality of its city while they look into a mistake that was reported. Each side
may change what it said itself or what a side below it said (`places.pages.rules`), so that a shop does not end what is being looked into.
"""
