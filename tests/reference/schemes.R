# Numbers of R `survey` for indices on the simulated rows of rows.csv:  Rscript schemes.R rows.csv schemes.json
# Items q1, q2, q3 have different rows missing, so R estimates totals of answers (z) and of who answered (r) jointly, and
# svycontrast() takes their ratios' function, with its derivative by R: the delta method on the full covariance.
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15, survey.lonely.psu = "fail")
a <- commandArgs(TRUE)
x <- read.csv(a[1], encoding = "UTF-8")
for (q in c("q1", "q2", "q3")) {
  x[[paste0("r", q)]] <- as.numeric(!is.na(x[[q]]))
  x[[paste0("z", q)]] <- ifelse(is.na(x[[q]]), 0, x[[q]])
  x[[paste0("t", q)]] <- as.numeric(x[[q]] %in% 4:5)
}
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))

D <- list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
  unequal = svydesign(id = ~1, weights = ~w, data = x))

# on 0-100 from 1-5: 25 * (mean - 1); q3 turned in "turned"; tops on 0-100; geometric on 1-10 from 1-5
score <- function(q, g = "") sprintf("25 * (`%sz%s` / `%sr%s` - 1)", g, q, g, q)
top <- function(q, g = "") sprintf("100 * `%st%s` / `%sr%s`", g, q, g, q)
ten <- function(q, g = "") sprintf("(1 + 9 / 4 * (`%sz%s` / `%sr%s` - 1))", g, q, g, q)
indices <- function(g = "") c(
  mean = sprintf("(%s + %s + %s) / 3", score("q1", g), score("q2", g), score("q3", g)),
  turned = sprintf("(%s + %s + (100 - %s)) / 3", score("q1", g), score("q2", g), score("q3", g)),
  weighted = sprintf("0.5 * %s + 0.3 * %s + 0.2 * %s", score("q1", g), score("q2", g), score("q3", g)),
  nested = sprintf("((%s + %s) / 2 + %s) / 2", score("q1", g), score("q2", g), score("q3", g)),
  share = sprintf("(%s + %s + %s) / 3", top("q1", g), top("q2", g), top("q3", g)),
  sum = sprintf("%s + %s + %s", ten("q1", g), ten("q2", g), ten("q3", g)),
  geometric = sprintf("(%s * %s * %s) ^ (1 / 3)", ten("q1", g), ten("q2", g), ten("q3", g)),
  geometric_weighted = sprintf("%s ^ 0.5 * %s ^ 0.3 * %s ^ 0.2", ten("q1", g), ten("q2", g), ten("q3", g)))
f <- ~zq1 + rq1 + tq1 + zq2 + rq2 + tq2 + zq3 + rq3 + tq3
for (n in names(D)) {
  t <- svytotal(f, D[[n]])
  for (k in names(indices())) {
    c1 <- svycontrast(t, list(i = parse(text = indices()[[k]])[[1]]))
    put(paste0(n, "/", k), paste("svycontrast(svytotal(...), ", indices()[[k]], ")"), estimate = as.numeric(coef(c1)), se = as.numeric(SE(c1)))
  }
  b <- svyby(f, ~sex, D[[n]], svytotal, covmat = TRUE)
  for (k in c("mean", "geometric")) {
    e <- lapply(c("0:", "1:"), function(g) parse(text = indices(g)[[k]])[[1]])
    c2 <- svycontrast(b, list(a = e[[1]], b = e[[2]]))
    put(paste0(n, "/", k, "/by_sex"), "svycontrast(svyby(..., ~sex, svytotal, covmat = TRUE), ...)",
        estimate = as.numeric(coef(c2)), se = as.numeric(SE(c2)), vcov = as.numeric(vcov(c2)))
  }
}
# the jackknife of the whole index, cluster by cluster
j <- as.svrepdesign(D$strat_clus, type = "JKn", mse = TRUE)
of <- function(w, d, g) {
  m <- sapply(c("q1", "q2", "q3"), function(q) sum(w * d[[paste0("z", q)]]) / sum(w * d[[paste0("r", q)]]))
  if (g) prod(1 + 9 / 4 * (m - 1)) ^ (1 / 3) else mean(25 * (m - 1))
}
for (g in c(FALSE, TRUE)) {
  r <- withReplicates(j, function(w, d) of(w, d, g))
  put(paste0("jackknife/", if (g) "geometric" else "mean"), "withReplicates(as.svrepdesign(d, 'JKn', mse = TRUE), ...)",
      estimate = as.numeric(coef(r)), se = as.numeric(SE(r)))
}
writeLines(toJSON(list(survey = as.character(packageVersion("survey")), r = R.version.string, rows = a[1], results = out),
                  auto_unbox = TRUE, digits = NA, pretty = FALSE, na = "string"), a[2])
