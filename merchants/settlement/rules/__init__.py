"""Pure rules of settlement: what a line costs, what a statement adds up to, when a bank pays, what a Sheba is."""
