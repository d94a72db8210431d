"""When what a place's page says was last changed, and whether it is being updated.

Vocabulary: a page is *told* anew when what it says of the place changes (names, texts, hours, photos, position), *priced* when a shop lays
down or takes back a price; *confirmed* is the place's own, since nothing changes by it. A page *is being updated* from an instant until
another, as its shop, the shop's union or the municipality said; then it says so and keeps showing what stands.

Invariants: whoever changes what a page says notes it in the same transaction, by the use case that writes; an update ends by itself.
"""
