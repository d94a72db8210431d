"""People and their documents, organisations, memberships, roles, permissions, passwords, tokens.

Vocabulary: a *person* is somebody the platform knows; a *document* (national id, passport) says who; an *organisation* is a
shop's owner, a union, a municipality or the operator; a *membership* gives a person a *role* in an organisation; an *invitation*
is a one-time code that opens a sign-in or lets into an organisation; a *sign-in* is the name and password of a person; a *web
session* and a *refresh token* prove that a sign-in happened; an *authenticator* makes the one-time code that is a sign-in's
second half, and a *recovery code* stands in for it once; an *e-mail address* is a person's when they have typed the code that was sent there.

Invariants: a token is stored as its hash only; a one-time code is taken once and an older one never again; whatever ends or
renews the proofs of a sign-in locks the sign-in first; a role other than pilgrim is always held in an organisation, whose last
owner stays; what a role may do stands in `permissions.py` and nowhere else; the link from a person to a wallet is the only thing
that names the wallet's owner.
"""
