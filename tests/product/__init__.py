"""Tests of the product room."""
