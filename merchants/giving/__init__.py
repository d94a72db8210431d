"""Vows, endowments and charity from the card, to receivers that two persons of the network have looked at.

Vocabulary: a *receiver* is an organisation that takes gifts and sells nothing; a *giving* is one gift, for one *cause*.

Invariants: money goes only to a receiver whose bank account a second person has approved; what is given is the holder's own money,
earns nothing and costs nothing; a receiver is paid by the settlement like a shop, without commission; a giving has one entry.
"""
