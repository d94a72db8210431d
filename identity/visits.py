"""Who visits: a person who has signed in, or anybody.

Routes for who is signed in, with or without a permission, are reached by the first alone; those that are public take the second.
"""

from typing import TypeAlias

from identity.permissions import Identity
from kernel.web import visit

Visit: TypeAlias = visit.Visit[Identity]
OpenVisit: TypeAlias = visit.Visit[Identity | None]
