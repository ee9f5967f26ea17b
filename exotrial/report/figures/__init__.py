"""Figures of a report as pure functions: data in, a `Figure` with the table behind it out."""
