# Raking with R's survey package, timed by R itself on data already in memory.
# Usage: Rscript weighting.R FOLDER ROWS HOW SETTING REPEATS. FOLDER holds targets.csv (variable, category, total) and
# people.bin, doubles column by column: the variables of the targets in their order, and w. HOW is "rake" (proportional
# fitting) or "calibrate" (Newton's method, calfun = "raking"), SETTING its epsilon. Weights go to FOLDER/weights.bin.
suppressMessages(library("survey"))
given <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(given[2])
targets <- read.csv(file.path(given[1], "targets.csv"))
names <- unique(targets$variable)
file <- file(file.path(given[1], "people.bin"), "rb")
columns <- c(names, "w")
people <- as.data.frame(lapply(columns, function(name) readBin(file, "double", rows)), col.names = columns)
close(file)
people[names] <- lapply(people[names], factor) # as R keeps categories
margins <- lapply(names, function(name) {
  own <- targets[targets$variable == name, ]
  setNames(data.frame(factor(own$category), own$total), c(name, "Freq"))
})
formulas <- lapply(names, reformulate)
epsilon <- as.numeric(given[4])
seconds <- numeric(0)
for (run in seq_len(as.integer(given[5]))) {
  invisible(gc())
  start <- proc.time()[["elapsed"]]
  design <- svydesign(ids = ~1, weights = ~w, data = people)
  raked <- if (given[3] == "rake") {
    rake(design, formulas, margins, control = list(maxit = 1000, epsilon = epsilon))
  } else {
    calibrate(design, formulas, margins, calfun = "raking", maxit = 1000, epsilon = epsilon)
  }
  found <- weights(raked)
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
file <- file(file.path(given[1], "weights.bin"), "wb")
writeBin(as.double(found), file)
close(file)
cat(sprintf(
  '{"seconds": [%s], "r": "%s", "survey": "%s"}\n',
  paste(sprintf("%.17g", seconds), collapse = ", "), getRversion(), packageVersion("survey")
))
