# Proportional odds of q01 by pilot and wave with R's survey package, timed by R itself on data already in memory.
# Usage: Rscript ordinal.R FILE ROWS REPEATS; FILE holds doubles, column by column: q01, w, stratum, psu, pilot, wave.
if (!suppressMessages(require("survey", quietly = TRUE))) quit(status = 3)
given <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(given[2])
file <- file(given[1], "rb")
columns <- c("q01", "w", "stratum", "psu", "pilot", "wave")
people <- as.data.frame(lapply(columns, function(name) readBin(file, "double", rows)), col.names = columns)
close(file)
people$q01 <- factor(replace(people$q01, is.nan(people$q01), NA))
seconds <- numeric(0)
for (run in seq_len(as.integer(given[3]))) {
  start <- proc.time()[["elapsed"]]
  design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = people)
  found <- summary(suppressWarnings(svyolr(q01 ~ pilot * wave, design)))$coefficients
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
list_of <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
cat(sprintf(
  '{"seconds": %s, "estimate": %s, "std_error": %s, "r": "%s", "survey": "%s"}\n',
  list_of(seconds), list_of(found[, 1]), list_of(found[, 2]), getRversion(), packageVersion("survey")
))
