"""When places are open.

Vocabulary: a *rule* is text in the syntax of OpenStreetMap's `opening_hours`, to which we add times of prayer (`fajr`, `sunrise`,
`noon`, `sunset`, `maghrib`, `isha`, `midnight`, each also moved as in `(noon-00:30)`) and lunar months (`Ramadan 21 off`). Its
*clauses* stand between semicolons; a later one overrules an earlier one. `PH` is a public holiday of Iran.

Invariants: a rule is stored once for each city, with the minutes in which it is open in the coming two weeks, so that the
database itself knows what is open now; those minutes are computed anew each day and whenever the moon or a city's prayer times
are moved.
"""
