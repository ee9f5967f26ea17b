"""Qualification of an installed system by itself: requirement, check, result (21 CFR 11.10(a); ICH E6(R3) 4.3.4)."""
