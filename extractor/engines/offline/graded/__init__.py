"""What was graded how: in sentences, rows and tables; and what others claim."""
