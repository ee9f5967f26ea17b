"""The recheck of a paper: every numeric claim recomputed from the paper's own data, with one verdict each."""
