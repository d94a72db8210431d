"""The simple map of a city: streets, metro lines, parks, water and holy places as few numbers, for phones.

Vocabulary: a *shape* is a line or an area from a file, with names, source and licence; a *mark* is a place that the map names, as
the shrine, its gates or a station; a *map* is the shapes and marks of a box, the weightiest first, as the app draws it.

Invariants: every shape keeps its source and licence, and a map names them; a map holds no more corners than it may, so that packs
stay as small as they must.
"""
