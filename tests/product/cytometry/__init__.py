"""Tests of flow cytometry."""
