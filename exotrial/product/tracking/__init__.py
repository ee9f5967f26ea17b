"""Particle tracking: from the raw video of a nanoparticle tracking analysis to a size distribution, by ISO 19430:2016."""
