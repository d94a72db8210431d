"""A municipality's permits: a stall, pavement, a ceremony station (موکب), a market for some days, a sign on a building.

Vocabulary: a permit is *asked for* by a shop or an organisation, for a branch or for somewhere in a city, from a day to a day; the
city's municipality *grants* it under *conditions*, or *refuses* it, and may *withdraw* what it granted; who asked may *give up* before
that. Its *standing* on a day is what anybody learns who reads the code on its paper.

Invariants: a city's own municipality decides, once; a form that is sent twice asks once; a refusal and a withdrawal have a reason;
the code on a paper tells kind, number, days and standing, and nothing of a person.
"""
