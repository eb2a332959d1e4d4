"""What a published inspection says: cleaned, identified, its words and violations normalised."""
