"""The parts of a draft: each module drafts some tables of the study file from a record."""
