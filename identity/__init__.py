"""People and their documents, organisations, memberships, roles, permissions, passwords, tokens.

Vocabulary: a *person* is somebody the platform knows; a *document* (national id, passport) says who; an *organisation* is a
shop's owner, a union, a municipality or the operator; a *membership* gives a person a *role* in an organisation; a *sign-in*
is the name and password of a person; a *web session* and a *refresh token* prove that a sign-in happened.

Invariants: a token is stored as its hash only; a role other than pilgrim is always held in an organisation; what a role may do
stands in `permissions.py` and nowhere else; the link from a person to a wallet is the only thing that names the wallet's owner.
"""
