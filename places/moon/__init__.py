"""The editable table of Iran's lunar months.

Vocabulary: a *month* is a lunar month with its first day; a *move* sets another first day, an *undoing* is a move back.

Invariants: a month that is not on record begins as the Umm al-Qura calendar computes; every month has 29 or 30 days; a move is
written down with who, when and why, and only the last move of a month can be undone. Whoever keeps dates that follow the moon
computes them anew when `LunarMonthMoved` comes, so that delivering it twice changes nothing more.
"""
