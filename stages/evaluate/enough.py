"""A set too small for a metric: refused where someone asked for the number, told beside the others in a pipeline."""

from stages.door import UserError


class TooFew(UserError):  # noqa: N818  # as NotComputed, no error of ours
    """The message names the metric, what it wants, and what was found."""
