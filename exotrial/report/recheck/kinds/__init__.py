"""The kinds of claim, one a file; adding a kind is adding a file here."""
