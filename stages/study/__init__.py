"""Study: what the papers say that needs no trained row, computed from their own definitions."""
