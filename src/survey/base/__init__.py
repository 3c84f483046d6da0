"""What knows nothing of surveys: arrays, files, frames, expressions, formulas, arguments."""
