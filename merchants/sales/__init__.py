"""Selling by card: a terminal, a card and an amount become one request to the ledger, and its answer a receipt.

Every door calls the same use cases: the gateway for ISO 8583, the portal for the web till, the mobile API for a code.

Invariants: only the ledger is asked for truth; what is read here are snapshots. A refusal is answered under the request's key
like any outcome, so that a repeat hears the same. A proof counts once.
"""
