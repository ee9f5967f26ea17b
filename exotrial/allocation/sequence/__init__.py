"""How a sequence of arms is made: one method a file, found by the catalogue (CONSORT 2025 items 17a and 17b)."""
