"""What was inspected, by whom, under which framework and when."""
