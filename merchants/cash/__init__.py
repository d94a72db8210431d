"""How much cash a shop may take for cards in a day: offered by the network's side, signed by the shop.

Vocabulary: an *offer* names a limit and its first day; signed, it becomes a version of the shop's contract that keeps all else the
contract says, refused or withdrawn it stays on record.

Invariants: one open offer a shop; whoever offers does not sign; a version that began is never edited.
"""
