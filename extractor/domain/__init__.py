"""The field's own tables, and the look-ups over them: councils, areas, frameworks, grades, measures."""
