"""Use cases of branches, one file for whose turn it is: the shop asks, its union decides, the shop keeps, the clock watches."""
