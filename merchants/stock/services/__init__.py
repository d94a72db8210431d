"""Use cases of stock: moving goods, receiving deliveries, counting."""
