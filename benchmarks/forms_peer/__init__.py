"""The same save through another system, in processes of its own."""
