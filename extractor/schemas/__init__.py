"""The shapes: the record, what a model fills, what a person labels, and what a caller gets."""
