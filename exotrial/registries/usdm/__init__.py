"""USDM v4.0 (CDISC DDF): a study definition as JSON, read as a record, written from a study file, and read back."""
