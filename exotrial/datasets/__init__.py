"""Captured data as tables with CDISC columns; table in, table out."""
