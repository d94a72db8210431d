"""Cities, zones, shrines, stations and the positions of shops.

Vocabulary: a *city* is where one installation's office works, several on one installation; a *zone* is a part of a city drawn
by its office; a *place* is a point with names and a kind, and says where the fact comes from and under which licence.

Invariants: positions are WGS 84 longitude and latitude (SRID 4326); a place lies in its city's zone when a zone covers it;
distances are metres on the sphere.
"""
