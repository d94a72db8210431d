"""Forms of files: payment orders for banks, statements for shops."""
