"""Outcome measures: what is measured, in which unit, how it is computed, and by whom it was defined."""
