"""The one process that posts what needs no business row: batches, decided in memory, written by one call.

- It answers only after the commit, and posts nothing after a request's deadline.
- While one batch is being written, the next is decided on what the first will leave and sent behind it; what fails is
  decided again.
- It never waits for a row that another transaction holds: such wallets are set aside, the others go on.
"""
