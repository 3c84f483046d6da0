# Changes between waves, lines through them and panels by R `survey`:  Rscript waves.R waves.csv waves.json
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15)
a <- commandArgs(TRUE)
x <- read.csv(a[1], colClasses = c(person = "character")); x$top <- as.numeric(x$q >= 4)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), function(v) unname(as.numeric(v))))
D <- list(
  clusters = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x),
  people = svydesign(id = ~person, strata = ~stratum, weights = ~w, data = x),
  elements = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  anew = svydesign(id = ~psu, strata = ~interaction(stratum, wave), weights = ~w, data = x, nest = TRUE))
t1 <- c(2021, 2022, 2025)
slope <- (t1 - mean(t1)) / sum((t1 - mean(t1))^2)
rest <- qr.Q(qr(cbind(1, t1)), complete = TRUE)[, 3]
for (n in names(D)) {
  for (v in c("y", "top")) {
    d <- D[[n]]; d <- subset(d, !is.na(d$variables[[v]])); d$variables[[v]][is.na(d$variables[[v]])] <- 0
    b <- svyby(as.formula(paste0("~", v)), ~wave, d, svymean, covmat = TRUE)
    k <- svycontrast(b, list(a = c(-1, 1, 0), b = c(-1, 0, 1), c = c(0, -1, 1), s = slope, r = rest))
    put(paste0(n, "/", v), "svyby(~y, ~wave, d, svymean, covmat=TRUE); svycontrast: 2-1, 3-1, 3-2, slope per year, rest",
        estimate = coef(k), se = SE(k), wald = coef(k)["r"]^2 / SE(k)["r"]^2)
    b <- svyby(as.formula(paste0("~", v)), ~wave + ward, d, svymean, covmat = TRUE)
    k <- svycontrast(b, list(n = c(-1, 1, 0, 0, 0, 0), s = c(0, 0, 0, -1, 1, 0)))
    put(paste0(n, "/", v, "/ward"), "svyby(~y, ~wave+ward, d, svymean, covmat=TRUE); svycontrast: 2-1 in north and south",
        estimate = coef(k), se = SE(k))
  }
}
# the same people: differences on the rows of the later wave, a domain of the stacked design
for (n in c("clusters", "people")) for (p in list(c(1, 2), c(1, 3), c(2, 3))) for (v in c("y", "top")) {
  d <- D[[n]]
  before <- x[x$wave == p[1], ]
  diff <- x[[v]] - before[[v]][match(x$person, before$person)]
  d$variables$diff <- ifelse(x$wave == p[2], diff, NA)
  d <- subset(d, !is.na(diff)); d$variables$diff[is.na(d$variables$diff)] <- 0
  m <- svymean(~diff, d)
  put(paste0("panel/", n, "/", p[1], p[2], "/", v), "svymean(~diff, subset(d, !is.na(diff)))", estimate = coef(m), se = SE(m), n = sum(!is.na(ifelse(x$wave == p[2], diff, NA))))
}
writeLines(toJSON(list(results = out, r = R.version.string, survey = as.character(packageVersion("survey"))), digits = NA, auto_unbox = FALSE, pretty = TRUE), a[2])
