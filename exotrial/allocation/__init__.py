"""Allocation: sequences anyone can verify, sealed envelopes, and who may know an arm (CONSORT 2025 items 17 to 20)."""
