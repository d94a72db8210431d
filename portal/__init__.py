"""Web pages of every role: the operator's live page, the city, the cardholder, shops, terminals, the desk.

Vocabulary: a *destination* is an entry of the side bar and of the phone's bottom bar; a *figure* is one number on a page with
its unit and, when it is a statistic, its source; the *feed* is the list of taps that renews itself.

Invariants: a page calls services and queries and holds no rule; no request leaves the site; a city page shows aggregates only;
card numbers are shown masked and are never part of an address.
"""
