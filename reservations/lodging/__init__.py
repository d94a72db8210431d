"""What can be slept in: properties, classes, rooms and beds, their licences, ceilings and rate sheets.

Of ceilings and approved rate sheets that cover a night, the newest counts: none is ever edited, so what held when a booking was
made can be read for ever. The *authority* of a lodging is its union, or the municipality of its city where it has none.
"""
