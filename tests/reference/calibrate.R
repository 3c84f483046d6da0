# Raked standard errors on the reference sample:  Rscript calibrate.R sample.csv expected.json calibrate.json
# (sample.csv and expected.json are those of the reference numbers, see README.md)
# R's rake() sweeps influence values by unweighted means; calibrate(calfun = "raking") reaches the same weights and
# regresses with the weights from before, as Deville & Sarndal (1992) have it.
suppressMessages({library(survey); library(jsonlite)})
a <- commandArgs(TRUE)
x <- read.csv(a[1]); x$kind <- factor(x$kind); x$agef <- factor(x$age)
g <- fromJSON(a[2], simplifyVector = FALSE)$results; t <- Filter(function(r) r$id == "targets", g)[[1]]
ts <- unlist(t$sex); ta <- unlist(t$age); tk <- unlist(t$kind)
pop <- c(`(Intercept)` = sum(ts), sex = ts[2], agef1 = ta[2], agef2 = ta[3], agef3 = ta[4], kindresident = tk[2])
D <- list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x))
out <- list()
for (n in names(D)) {
  r <- calibrate(D[[n]], ~sex + agef + kind, pop, calfun = "raking", epsilon = 1e-12, maxit = 500)
  put <- function(id, call, s) out[[length(out) + 1]] <<- list(id = paste0(n, "/", id), call = call, estimate = unname(as.numeric(coef(s))), se = as.numeric(unlist(SE(s))))
  put("mean_q1", "svymean(~q1, r, na.rm=TRUE)", svymean(~q1, r, na.rm = TRUE))
  put("mean_minutes", "svymean(~minutes, r, na.rm=TRUE)", svymean(~minutes, r, na.rm = TRUE))
  put("total_yes", "svytotal(~yes, r, na.rm=TRUE)", svytotal(~yes, r, na.rm = TRUE))
  put("by_group", "svyby(~q1, ~group, r, svymean, na.rm=TRUE)", svyby(~q1, ~group, r, svymean, na.rm = TRUE))
  put("ratio", "svyratio(~minutes, ~trips, r, na.rm=TRUE)", svyratio(~minutes, ~trips, r, na.rm = TRUE))
  put("total_sex", "svytotal(~sex, r)", svytotal(~sex, r))
  out[[length(out) + 1]] <- list(id = paste0(n, "/weights"), call = "weights(r)", first = head(weights(r), 12))
}
write_json(list(survey = as.character(packageVersion("survey")), r = R.version.string, call = "r <- calibrate(d, ~sex+factor(age)+kind, population, calfun='raking', epsilon=1e-12, maxit=500)", results = out), a[3], digits = 15, auto_unbox = TRUE)
