"""Pictures of an assay with what was measured drawn on them."""
