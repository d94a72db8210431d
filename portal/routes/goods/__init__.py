"""Pages of goods: products and their prices, lists, labels, the unions' ceilings."""
