"""The people of a trial: who may take part, consent, disposition."""
