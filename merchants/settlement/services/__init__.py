"""Use cases of settlement, a file for each stage: terms, priced lines, closing a batch, the bank's answers, bank accounts."""
