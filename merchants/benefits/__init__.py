"""Where benefits are spent: trades, cities and shops checked and turned into a scope of the ledger, and proven afterwards.

Who gives what to whom is `loyalty.benefits`; which shops there are is known here only.
"""
