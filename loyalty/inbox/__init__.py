"""SMS that customers send: the balance of their cards, no more offers, offers again, or words for people to read.

Vocabulary: a *text* is one SMS to our line; its *command* is what its sender wants.

Invariants: a text is taken once, however often the provider brings it; the answer goes to the number that asked and says only what that
number's owner may see, never a whole card number; who asks too often is not answered, but a wish for no more offers is always done;
the words of a command are not kept, those that are none stand sealed for whom the desk's page of the customer is meant for.
"""
