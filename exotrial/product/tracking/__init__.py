"""Particle tracking: from raw video to a size distribution (ISO 19430:2016)."""
