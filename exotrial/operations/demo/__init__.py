"""The demonstration: three trials in one installation, two with their published data and one under way today."""
