# Numbers of R `survey` for a select-all question on the simulated rows of rows.csv:  Rscript select_all.R rows.csv select_all.json
# The question is made from other columns: residents are asked, and choose a (q1 4 or 5), b (q2 1 or 2), c (3 trips or
# more), d (yes). Each option is a column of 0 and 1, those asked are a domain.
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15, survey.lonely.psu = "fail")
a <- commandArgs(TRUE)
x <- read.csv(a[1], encoding = "UTF-8")
x$a <- as.numeric(x$q1 %in% 4:5); x$b <- as.numeric(x$q2 %in% 1:2)
x$c <- as.numeric(x$trips >= 3 & !is.na(x$trips)); x$d <- as.numeric(x$yes %in% 1)
x$number <- x$a + x$b + x$c + x$d
x$agef <- factor(x$age)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))

D <- list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
  unequal = svydesign(id = ~1, weights = ~w, data = x))
N <- sum(x$w)
pop <- c(`(Intercept)` = N, sex = 0.58 * N, agef1 = 0.5 * N, agef2 = 0.25 * N)

question <- function(p, d, covmat = TRUE) {
  asked <- subset(d, kind == "resident")
  s <- svymean(~a + b + c + d, asked)
  put(p, "svymean(~a+b+c+d, subset(d, kind=='resident'))", estimate = as.numeric(coef(s)), se = as.numeric(SE(s)),
      vcov = as.numeric(vcov(s)), df = degf(asked))
  k <- svycontrast(s, c(1, -1, 0, 0))
  put(paste0(p, "/difference"), "svycontrast(s, c(1,-1,0,0))", estimate = as.numeric(coef(k)), se = as.numeric(SE(k)))
  m <- svymean(~number, asked)
  put(paste0(p, "/number"), "svymean(~number, ...)", estimate = as.numeric(coef(m)), se = as.numeric(SE(m)))
  b <- svyby(~a + b + c + d, ~sex, asked, svymean, covmat = covmat)
  put(paste0(p, "/by_sex"), "svyby(~a+b+c+d, ~sex, ..., svymean, covmat=TRUE)", names = names(coef(b)),
      estimate = as.numeric(coef(b)), se = as.numeric(unlist(SE(b))), vcov = if (covmat) as.numeric(vcov(b)))
}
for (n in names(D)) {
  question(n, D[[n]])
  r <- calibrate(D[[n]], ~sex + agef, pop, calfun = "raking", epsilon = 1e-13, maxit = 500)
  question(paste0(n, "/raked"), r, covmat = FALSE)  # 4.1 has no covmat after calibrate()
}
question("jackknife", as.svrepdesign(D$strat_clus, type = "JKn", mse = TRUE))
# "any chosen": who chose nothing is not in the base
any <- subset(D$strat_clus, number > 0); s <- svymean(~a + b + c + d, any)
put("any_chosen", "svymean(~a+b+c+d, subset(d, number > 0))", estimate = as.numeric(coef(s)), se = as.numeric(SE(s)), vcov = as.numeric(vcov(s)))
writeLines(toJSON(list(survey = as.character(packageVersion("survey")), r = R.version.string, rows = a[1], results = out),
                  auto_unbox = TRUE, digits = NA, pretty = FALSE, na = "string"), a[2])
