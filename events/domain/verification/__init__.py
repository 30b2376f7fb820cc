"""What an auditor recomputes of a rating: its steps, competence, facts and four eyes."""
