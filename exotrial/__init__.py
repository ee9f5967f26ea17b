"""exotrial runs an extracellular-vesicle therapy trial from one study file to a shareable result."""

__version__ = "0.1.0"
