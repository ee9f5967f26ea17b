"""The words every other room speaks: refusals, findings, verdicts, quantities, dates, provenance."""
