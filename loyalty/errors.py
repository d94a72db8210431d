"""What can be wrong with a programme."""

from kernel.errors import BadInput, DomainError, NotFound


class ProgrammeNotFound(NotFound):
    code = "programme_not_found"


class EarnRuleNotFound(NotFound):
    code = "earn_rule_not_found"


class EarnRuleHasEnded(DomainError):
    """A rule ends once; facts: `rule_id`."""

    code = "earn_rule_has_ended"


class WrongEarnRule(BadInput):
    """Facts: `field`, the figure that is out of its range."""

    code = "wrong_earn_rule"
