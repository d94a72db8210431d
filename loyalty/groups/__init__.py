"""Groups of customers: whom an organisation may want to speak to, under a name of its own.

Vocabulary: a group is *listed*, its members put in by their mobile numbers, or *asked*, a question that is answered anew each time:
who bought here so often since then. *Visitors* are the people a question finds among those who bought; who knows shops and tills
says so in a select. Whoever is *reached* has a mobile number and lets the organisation write.

A *move* is an act that put numbers in or took them out; moves name nobody.

Invariants: a person may be in many groups; the moves of a group add up to the numbers in it; a number is kept as a keyed digest, and sealed until it is known whose it is; an
organisation learns of a number no more than what it typed itself, neither whether it is on record nor whose it is; below a handful
nobody but the operator learns how many are reached.
"""
