"""The checks by topic; a check is added by adding a function, and nothing lists it."""
