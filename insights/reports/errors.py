"""What can be wrong with what a person asks of a report."""

from kernel.errors import BadInput, DomainError, NotFound


class ReportNotFound(NotFound):
    code = "report_not_found"


class WrongPeriod(BadInput):
    """Facts: `field`, `fault`: backwards or too_long, `days` at most."""

    code = "wrong_period"


class WrongGrouping(BadInput):
    """The report is not grouped so, or not for who asks; facts: `field`."""

    code = "wrong_grouping"


class TooFewShops(DomainError):
    """So few shops sold that a sum would tell what each did; facts: `least`."""

    code = "too_few_shops"


class TooManyRows(DomainError):
    """Facts: `rows`, `most`."""

    code = "too_many_rows"


class ViewNameMissing(BadInput):
    """Facts: `field`, `most` letters."""

    code = "view_name_missing"


class ViewNotFound(NotFound):
    code = "view_not_found"


class FileNotFound(NotFound):
    """There is none of this number, or it is another person's, or it is not ready."""

    code = "report_file_not_found"


class TooManyFiles(DomainError):
    """A person has this many in the making; facts: `most`."""

    code = "too_many_report_files"
