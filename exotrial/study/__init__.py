"""The study file and everything that derives from it alone: checks, schedule, forms, amendments."""

# First of all: its parts hold rules, and a rule is a part, so `study.rules` cannot be imported before it.
from exotrial.study.definition import Study

__all__ = ["Study"]
