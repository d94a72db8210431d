"""Statistics of the city: aggregates of purchases, and pilgrim counts as others reported them. Reads only.

Vocabulary: a *cell* is one group of a statistic (an hour, a zone, a kind of shop) with the number of people behind it; a
*hidden* cell is one that is not published; a *reported count* was stated by an authority and typed from the news.

Invariants: no cell of fewer than ten people is published, no amount that one of them or one shop makes up most of, and none that
could be computed from what is; figures are rounded; what was counted here and what was reported elsewhere never share a total or a chart.
"""
