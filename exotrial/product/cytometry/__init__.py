"""Flow cytometry: events, compensation, scales, gates by Gating-ML 2.0, and what a share of positive events shows."""
