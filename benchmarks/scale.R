# Means of items by ward with R's survey package, timed by R itself, the file's reading included, as for the others.
# Usage: Rscript scale.R FILE ROWS ITEMS ASKED; the first ASKED of the ITEMS are asked for.
# FILE holds doubles, column by column: the items, w, stratum, psu, ward.
if (!nzchar(system.file(package = "survey"))) quit(status = 3)
suppressMessages(library("survey", quietly = TRUE))
given <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(given[2])
start <- proc.time()
file <- file(given[1], "rb")
items <- sprintf("q%d", seq_len(as.integer(given[3])))
columns <- c(items, "w", "stratum", "psu", "ward")
people <- as.data.frame(lapply(columns, function(name) readBin(file, "double", rows)), col.names = columns)
close(file)
design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = people)
found <- lapply(head(items, as.integer(given[4])), function(item) {
  mean <- svyby(reformulate(item), ~ward, design, svymean)
  list(coef(mean), SE(mean))
})
spent <- proc.time() - start
status <- readLines("/proc/self/status")
peak <- as.numeric(gsub("[^0-9]", "", status[grepl("^VmHWM", status)])) * 1024
list_of <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
cat(sprintf(
  '{"seconds": %.6f, "cpu": %.6f, "peak": %.0f, "estimate": %s, "std_error": %s, "r": "%s", "survey": "%s"}\n',
  spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]], peak,
  list_of(unlist(lapply(found, `[[`, 1))), list_of(unlist(lapply(found, `[[`, 2))),
  getRversion(), packageVersion("survey")
))
