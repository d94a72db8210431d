"""What a family's head says of shops, in the words of the ledger: kinds of shops become categories of a purchase.

Who is in a family and what its members may spend is `cardbank.families`; which kinds of shops there are is known here.
"""
