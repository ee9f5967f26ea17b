"""The CONSORT 2025 checklist as data, and how a study answers it."""
