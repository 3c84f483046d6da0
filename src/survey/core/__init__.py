"""State, and what verbs share: the log, columns, contrasts."""
