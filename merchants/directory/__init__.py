"""Shops as places of the directory: their opening hours, and what the directory shows of trade and contract.

Invariant: the trade, the terms of the contract in force and whether a shop is there at all are copied to its place within
minutes; the contract itself stays the truth, and a sale never asks the copy.
"""
