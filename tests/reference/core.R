# Numbers of R `survey` on the simulated rows of rows.csv:  Rscript core.R rows.csv core.json
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15)
a <- commandArgs(TRUE)
x <- read.csv(a[1], encoding = "UTF-8"); x$agef <- factor(x$age); for (k in 1:5) x[[paste0("a", k)]] <- as.numeric(x$q2 %in% k)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))
stat <- function(id, call, s) put(id, call, estimate = as.numeric(coef(s)), se = as.numeric(SE(s)))
by <- function(id, call, b, ...) put(id, call, ..., estimate = as.numeric(coef(b)), se = as.numeric(unlist(SE(b))), names = names(coef(b)))

D <- list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
  unequal = svydesign(id = ~1, weights = ~w, data = x))

# population margins: the weighted ones, tilted
N <- sum(x$w)
tilt <- function(v, k) { t <- tapply(x$w, v, sum); t <- t * (1 + k * seq(-1, 1, length.out = length(t))); t / sum(t) * N }
ts <- tilt(x$sex, .12); ta <- tilt(x$age, .2)
put("targets", "population margins", sex = as.numeric(ts), age = as.numeric(ta))
pop <- c(`(Intercept)` = N, sex = as.numeric(ts[2]), agef1 = as.numeric(ta[2]), agef2 = as.numeric(ta[3]))

# a domain of valid answers; an answer outside it gets a 1, as R cannot residualise an NA of weight 0 after calibrate()
valid <- function(d, ...) {
  for (v in c(...)) { d <- subset(d, !is.na(d$variables[[v]])); d$variables[[v]][is.na(d$variables[[v]])] <- 0 }
  d
}
verbs <- function(p, d, covmat = TRUE) {
  stat(paste0(p, "/mean"), "svymean(~q1, d, na.rm=TRUE)", svymean(~q1, d, na.rm = TRUE))
  stat(paste0(p, "/mean_minutes"), "svymean(~minutes, d, na.rm=TRUE)", svymean(~minutes, d, na.rm = TRUE))
  stat(paste0(p, "/total"), "svytotal(~trips, d)", svytotal(~trips, d))
  stat(paste0(p, "/total_missing"), "svytotal(~yes, d, na.rm=TRUE)", svytotal(~yes, d, na.rm = TRUE))
  stat(paste0(p, "/ratio"), "svyratio(~minutes, ~trips, subset(d, sex==1), na.rm=TRUE)", svyratio(~minutes, ~trips, subset(valid(d, "minutes"), sex == 1)))
  b <- svyby(~q1, ~ward, valid(d, "q1"), svymean, covmat = covmat)
  by(paste0(p, "/mean_by_ward"), "svyby(~q1, ~ward, subset(d,!is.na(q1)), svymean, covmat=TRUE)", b, ward = b$ward, vcov = if (covmat) as.numeric(vcov(b)))
  b <- svyby(~trips, ~ward, subset(d, kind == "business"), svytotal)
  by(paste0(p, "/total_by_ward_business"), "svyby(~trips, ~ward, subset(d,kind=='business'), svytotal)", b, ward = b$ward)
  b <- svyby(~a1 + a2 + a3 + a4 + a5, ~kind, valid(d, "q2"), svymean, covmat = covmat)
  by(paste0(p, "/distribution_by_kind"), "svyby(~(q2==1)+...+(q2==5), ~kind, subset(d,!is.na(q2)), svymean, covmat=TRUE)", b, vcov = if (covmat) as.numeric(vcov(b)))
  s <- svymean(~q1 + q2, valid(d, "q1", "q2"))
  k <- svycontrast(s, c(1, -1)); stat(paste0(p, "/two_items"), "svycontrast(svymean(~q1+q2, subset(d,!is.na(q1)&!is.na(q2))), c(1,-1))", k)
  g <- svyglm(minutes ~ agef + sex * kind, d); m <- summary(g)$coefficients
  put(paste0(p, "/linear"), "svyglm(minutes~factor(age)+sex*kind, d)", names = rownames(m), estimate = m[, 1], se = m[, 2], p = m[, 4], df = g$df.residual)
  g <- svyglm(q1 ~ wave, subset(d, kind == "business")); m <- summary(g)$coefficients
  put(paste0(p, "/linear_business"), "svyglm(q1~wave, subset(d,kind=='business'))", estimate = m[, 1], se = m[, 2], p = m[, 4], df = g$df.residual)
}
for (n in names(D)) {
  d <- D[[n]]
  verbs(n, d)
  put(paste0(n, "/df_business"), "degf(subset(d, kind=='business'))", estimate = degf(subset(d, kind == "business")))
  r <- calibrate(d, ~sex + agef, pop, calfun = "raking", epsilon = 1e-12, maxit = 500)
  put(paste0(n, "/raked/weights"), "weights(calibrate(d, ~sex+factor(age), pop, calfun='raking', epsilon=1e-12))", first = head(weights(r), 8), range = range(weights(r)))
  verbs(paste0(n, "/raked"), r, covmat = FALSE)  # 4.1 has no covmat after calibrate()
}

# shares: a small one, a middling one, at two levels
d <- D$strat_clus
for (m in c("logit", "beta", "mean", "asin")) for (v in c("rare", "yes")) for (level in c(.95, .9)) {
  s <- d; s$variables$y <- s$variables[[v]]; s <- subset(s, !is.na(y))
  p <- svyciprop(~I(y == 1), s, method = m, level = level, df = degf(s)); i <- attr(p, "ci")
  put(paste("ciprop", m, v, level, sep = "/"), paste0("svyciprop(~I(", v, "==1), subset(d,!is.na(", v, ")), method='", m, "', level=", level, ", df=degf(d))"),
      estimate = as.numeric(p), low = i[[1]], high = i[[2]])
}
for (v in c("q1", "rare")) { s <- D$strat_clus; s$variables$y <- s$variables[[v]]
  put(paste0("deff/", v), paste0("deff(svymean(~", v, ", d, na.rm=TRUE, deff='replace'))"), estimate = as.numeric(deff(svymean(~y, s, na.rm = TRUE, deff = "replace")))) }
write_json(list(survey = as.character(packageVersion("survey")), r = R.version.string, rows = nrow(x), results = out), a[2], digits = 15, auto_unbox = TRUE)
cat(length(out), "results\n")
