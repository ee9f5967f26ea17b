"""The pages: one module for each, found by the catalogue; rules, queries and permissions are the operations'."""
