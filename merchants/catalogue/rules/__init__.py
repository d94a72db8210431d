"""Rules about goods: codes and their check digits, quantities, prices and ceilings, what the words of a product may be."""
