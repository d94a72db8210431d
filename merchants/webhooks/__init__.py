"""What a shop's accounting software is told by itself: a statement is closed, the bank has paid, a payout came back,
a sale is booked, a tag reader has seen goods.

Vocabulary: an *endpoint* is an address that a shop gave, with a secret that only it and we know; a *delivery* is one event on its way to
one endpoint, with every try noted; a *dead* delivery has used up its tries and waits for a person to send it again.

Invariants: an event reaches an endpoint at least once and carries an id that never changes; nothing personal is sent or logged; no
request ever goes to an address inside our own network, whatever a name resolves to.
"""
