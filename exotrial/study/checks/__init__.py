"""Contradictions, omissions and arithmetic of a study file against itself, one category a file."""
