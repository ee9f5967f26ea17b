"""The report of a trial, and the recheck of what a paper claims: from study file and data to one document."""
