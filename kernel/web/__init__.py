"""The only part of the platform that knows Flask: the request wrapper, languages, refusals, the session cookie.

Vocabulary: a *door* is how one blueprint knows its visitors and says no; a *visit* is one request inside its unit of work; a
*refusal* is a domain error on its way to becoming a page or a problem document.

Invariants: a route states whom it is for: a permission, who is signed in, or everybody; one request is one transaction; a status comes from the error.
"""
