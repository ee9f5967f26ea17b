"""Operations: one function for one thing a person does; the gateway is `_operation.py` (DESIGN.md, law 3)."""
