"""Letters: what an organisation writes to a group of customers by SMS.

Vocabulary: a letter is *proposed* where it goes to so many that a second person decides, else *scheduled*; it is *sending* while its
recipients are written to, a few a turn, and *done*, *stopped* or *refused* in the end. A recipient is *due*, then *written* to,
*left out* because they ended their agreement in between, or *stopped*.

Invariants: who gets a letter is settled when it is written; nobody gets it twice, however often a form is sent and whichever worker
dies; only the operator writes to people who have not agreed, and says whether it is an offer; an offer waits out the night and
reaches nobody who refuses offers; the one who wrote never decides.
"""
