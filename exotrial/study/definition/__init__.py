"""The study file as values: `Study` and its parts, in the words of USDM v4 and ICH M11."""

from exotrial.study.definition.study import Study

__all__ = ["Study"]
