"""XLSForm questionnaires: read, understood, written."""
