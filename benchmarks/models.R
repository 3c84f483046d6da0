# Regressions of R's survey package, timed by R itself on data already in memory.
# Usage: Rscript models.R FILE ROWS REPEATS; FILE holds doubles, column by column: the items, w, stratum, psu, pilot, wave, age, yes.
if (!suppressMessages(require("survey", quietly = TRUE))) quit(status = 3)
given <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(given[2])
file <- file(given[1], "rb")
items <- sprintf("q%02d", 1:20)
columns <- c(items, "w", "stratum", "psu", "pilot", "wave", "age", "yes")
people <- as.data.frame(lapply(columns, function(name) readBin(file, "double", rows)), col.names = columns)
close(file)
linear <- logistic <- numeric(0)
for (run in seq_len(as.integer(given[3]))) {
  start <- proc.time()[["elapsed"]]
  design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = people)
  one <- svyglm(q01 ~ factor(pilot) * factor(wave), design)
  linear <- c(linear, proc.time()[["elapsed"]] - start)
  start <- proc.time()[["elapsed"]]
  design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = people)
  two <- svyglm(yes ~ factor(pilot) * factor(wave) + factor(age), design, family = quasibinomial())
  logistic <- c(logistic, proc.time()[["elapsed"]] - start)
}
list_of <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
cat(sprintf(
  '{"linear": %s, "logistic": %s, "linear_se": %s, "logistic_se": %s, "r": "%s", "survey": "%s"}\n',
  list_of(linear), list_of(logistic), list_of(SE(one)), list_of(SE(two)), getRversion(), packageVersion("survey")
))
