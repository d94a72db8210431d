"""The register of a city's places and makers: what is documented of each, and what is still missing.

It shows nothing that is not public on the places' own pages; what it adds is the question what has photos, a history, a licence, and what
has none. The *guild licence* is the shop's; *source* and *licence* are those of what is said of the place.
"""
