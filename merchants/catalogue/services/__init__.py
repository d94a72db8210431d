"""Use cases of goods: products and groups, prices, ceilings, lists."""
