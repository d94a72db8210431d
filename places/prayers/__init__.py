"""When the times of prayer are, in each city, on each day.

Vocabulary: *fajr* is the dawn adhan, *noon* the adhan of the sun's highest point, *maghrib* the evening adhan, *midnight* the
middle between sunset and the next dawn. A *method* says how far below the horizon the sun stands at dawn, maghrib and isha.

Invariant: times are of whole minutes; a city may move each by some minutes, as its own published timetable does.
"""
