"""The study file and everything that derives from it alone: checks, schedule, forms, amendments."""
