"""Checks across sources: what the registry's own records say, beside the study file (`exotrial check --with`)."""
