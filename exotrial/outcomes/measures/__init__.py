"""One file a measure; whatever stands here is in the catalogue (see exotrial.outcomes.measure)."""
