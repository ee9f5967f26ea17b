"""The command line: one file per command group, found and not listed."""
