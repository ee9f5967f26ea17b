"""A whole trial rehearsed with made-up participants, through the operations that a real one uses."""
