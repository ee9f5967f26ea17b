"""The web: the HTTP API, generated from the catalogue of operations, and what serves it."""
