"""Measurements, one command a file: time and memory side by side with peers, told as ratios."""
