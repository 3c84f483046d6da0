# Rao-Scott tests of 20 items by pilot with R's survey package, timed by R itself on data already in memory.
# Usage: Rscript tests_of_independence.R FILE ROWS REPEATS; FILE holds doubles, column by column: items, w, stratum, psu, pilot.
if (!suppressMessages(require("survey", quietly = TRUE))) quit(status = 3)
given <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(given[2])
file <- file(given[1], "rb")
items <- sprintf("q%02d", 1:20)
columns <- c(items, "w", "stratum", "psu", "pilot")
people <- as.data.frame(lapply(columns, function(name) readBin(file, "double", rows)), col.names = columns)
close(file)
people[items] <- lapply(people[items], function(x) replace(x, is.nan(x), NA))  # svychisq takes NaN for a level
seconds <- numeric(0)
for (run in seq_len(as.integer(given[3]))) {
  start <- proc.time()[["elapsed"]]
  design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = people)
  found <- sapply(items, function(item) {
    test <- svychisq(reformulate(c(item, "pilot")), design)
    c(test$statistic, test$p.value)
  })
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
list_of <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
cat(sprintf(
  '{"seconds": %s, "statistic": %s, "p_value": %s, "r": "%s", "survey": "%s"}\n',
  list_of(seconds), list_of(found[1, ]), list_of(found[2, ]), getRversion(), packageVersion("survey")
))
