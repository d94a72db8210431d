"""Pages of contracts, credit lines and plans of instalments."""
