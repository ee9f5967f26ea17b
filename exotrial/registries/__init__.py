"""Registries: what was registered, read in any form in which it is to be had, and what must be registered, written."""
