"""Who is named, and who says what."""
