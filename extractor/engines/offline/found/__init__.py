"""What the inspectors found, what is counted, and what is done about it."""
