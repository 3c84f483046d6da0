"""What results are called and how numbers are written, in each language."""
