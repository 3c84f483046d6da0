# Tests by R `survey` on rows.csv, apiclus1.csv, apistrat.csv and nhanes.csv.gz:  Rscript tests.R FOLDER tests.json
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15)
a <- commandArgs(TRUE)
x <- read.csv(file.path(a[1], "rows.csv"), encoding = "UTF-8"); x$u <- x$minutes + x$rid * 1e-6  # no two alike
x$kind <- factor(x$kind); x$agef <- factor(x$age)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))
# a domain of valid answers; outside it some valid answer stands, as after calibrate() its rows stay and would add a level
valid <- function(d, ...) {
  for (v in c(...)) { d <- subset(d, !is.na(d$variables[[v]])); y <- d$variables[[v]]; d$variables[[v]][is.na(y)] <- y[!is.na(y)][1] }
  d
}
chisq <- function(id, f, d, which = c("F", "Chisq", "Wald", "adjWald", "lincom")) for (s in which) {
  r <- tryCatch(suppressWarnings(svychisq(f, d, statistic = s)), error = function(e) NULL)
  if (is.null(r)) { put(paste0(id, "/", s), paste0("svychisq(", deparse(f), ", d, statistic='", s, "'): singular"), singular = TRUE); next }
  put(paste0(id, "/", s), paste0("svychisq(", deparse(f), ", d, statistic='", s, "')"), statistic = as.numeric(r$statistic), parameter = as.numeric(r$parameter), p = as.numeric(r$p.value))
}
# ranks as shares of the population, equal answers in the middle of their weights: Lumley & Scott (2013), order of rows regardless
midrank <- function(d, v) {
  w <- weights(d, "sampling"); y <- d$variables[[v]]
  if (length(w) != length(y)) w <- rep(w, length.out = length(y))
  t <- tapply(w, y, sum); m <- (cumsum(t) - t / 2) / sum(w)
  as.numeric(m[as.character(y)])
}
put_glm <- function(id, call, g, k = 2) { m <- summary(g)$coefficients; put(id, call, estimate = m[k, 1], se = m[k, 2], statistic = m[k, 3], df = g$df.residual, p = m[k, 4]) }
ranks <- function(id, d, v) {
  d <- valid(d, v); d <- update(d, r = midrank(d, v)); d <- update(d, z = qnorm(pmin(pmax(r, 1e-9), 1 - 1e-9)), m = as.numeric(r > .5 + 1e-12))
  put_glm(paste0(id, "/wilcoxon"), "svyglm(midrank~kind, d)", svyglm(r ~ kind, d))
  put_glm(paste0(id, "/vanderWaerden"), "svyglm(qnorm(midrank)~kind, d)", svyglm(z ~ kind, d))
  put_glm(paste0(id, "/median"), "svyglm(midrank>1/2~kind, d)", svyglm(m ~ kind, d))
  t <- regTermTest(svyglm(r ~ agef, d), ~agef); put(paste0(id, "/kruskal"), "regTermTest(svyglm(midrank~factor(age),d),~factor(age))", statistic = as.numeric(t$Ftest), df = t$df, ddf = t$ddf, p = as.numeric(t$p))
  put_glm(paste0(id, "/cuzick"), "svyglm(midrank~age, d)", svyglm(r ~ age, d))
}
all_of <- function(n, d) {
  v <- valid(d, "q2"); chisq(paste0(n, "/q2_kind"), ~q2 + kind, v)
  chisq(paste0(n, "/q2_age"), ~q2 + age, v, c("F", "Chisq", "adjWald"))
  chisq(paste0(n, "/domain"), ~q2 + sex, subset(v, kind == "resident"), c("F", "Wald"))
  ranks(paste0(n, "/q2"), d, "q2"); ranks(paste0(n, "/u"), d, "u")
  t <- svyttest(q2 ~ kind, v); put(paste0(n, "/ttest"), "svyttest(q2~kind,d)", estimate = as.numeric(t$estimate), statistic = as.numeric(t$statistic), df = as.numeric(t$parameter), p = as.numeric(t$p.value))
  m <- svymean(~q2, v); put(paste0(n, "/against_3"), "svymean(~q2,d), against 3", estimate = as.numeric(coef(m)) - 3, se = as.numeric(SE(m)), df = degf(v))
  b <- valid(d, "q1", "q2"); m <- svymean(~I(q1 - q2), b); put(paste0(n, "/gap"), "svymean(~I(q1-q2), both answered)", estimate = as.numeric(coef(m)), se = as.numeric(SE(m)), df = degf(b))
  m <- svymean(~I((q1 >= 4) - (q2 >= 4)), b); put(paste0(n, "/gap_top2"), "svymean(~I((q1>=4)-(q2>=4)), both answered)", estimate = as.numeric(coef(m)), se = as.numeric(SE(m)))
  put_glm(paste0(n, "/trend"), "svyglm(q2~age,d)", svyglm(q2 ~ age, v)); put_glm(paste0(n, "/trend_top2"), "svyglm(q2>=4~age,d)", svyglm(I(as.numeric(q2 >= 4)) ~ age, v))
  u <- valid(d, "minutes"); put_glm(paste0(n, "/trend_minutes"), "svyglm(minutes~age,d)", svyglm(minutes ~ age, u))
  g <- svyglm(q2 ~ agef, v); k <- c(0, -2, 1); put(paste0(n, "/departure"), "the contrast (0,-2,1) of svyglm(q2~factor(age),d): three groups", statistic = sum(k * coef(g))^2 / as.numeric(t(k) %*% vcov(g) %*% k), ddf = g$df.residual)
}
D <- list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
  unequal = svydesign(id = ~1, weights = ~w, data = x))
for (n in names(D)) all_of(n, D[[n]])
N <- sum(x$w)
tilt <- function(v, k) { t <- tapply(x$w, v, sum); t <- t * (1 + k * seq(-1, 1, length.out = length(t))); t / sum(t) * N }
ts <- tilt(x$sex, .12); ta <- tilt(x$age, .2)
put("targets", "population margins", sex = as.numeric(ts), age = as.numeric(ta))
pop <- c(`(Intercept)` = N, sex = as.numeric(ts[2]), agef1 = as.numeric(ta[2]), agef2 = as.numeric(ta[3]))
for (n in c("strat_clus", "element")) all_of(paste0("calibrated_", n), calibrate(D[[n]], ~sex + agef, pop))
all_of("jackknife", as.svrepdesign(D$strat_clus, type = "JKn", mse = TRUE))
# svyranktest itself where no answers are equal, and that it depends on the order of the rows where some are
d <- D$strat_clus; v <- valid(d, "u")
for (t in c("wilcoxon", "vanderWaerden", "median")) { r <- svyranktest(u ~ kind, v, test = t); put(paste0("svyranktest/", t), paste0("svyranktest(u~kind,d,test='", t, "')"), estimate = as.numeric(r$estimate), statistic = as.numeric(r$statistic), df = as.numeric(r$parameter), p = as.numeric(r$p.value)) }
r <- svyranktest(u ~ agef, v, test = "KruskalWallis"); put("svyranktest/kruskal", "svyranktest(u~factor(age),d,test='KruskalWallis')", chisq = as.numeric(r$parameter), df = as.numeric(r$statistic), p = as.numeric(r$p.value))
y <- x[rev(seq_len(nrow(x))), ]; e <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = y, nest = TRUE)
put("svyranktest/order", "svyranktest(q2~kind,d), rows as they are and reversed", statistic = c(as.numeric(svyranktest(q2 ~ kind, valid(d, "q2"))$statistic), as.numeric(svyranktest(q2 ~ kind, valid(e, "q2"))$statistic)))
c1 <- read.csv(file.path(a[1], "apiclus1.csv")); c1 <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = c1)
chisq("apiclus1", ~sch.wide + stype, c1)
r <- svyranktest(enroll ~ sch.wide, c1); put("apiclus1/wilcoxon", "svyranktest(enroll~sch.wide,d), some enrolments equal, all weights equal", estimate = as.numeric(r$estimate), statistic = as.numeric(r$statistic), df = as.numeric(r$parameter), p = as.numeric(r$p.value))
r <- svyranktest(enroll ~ stype, c1); put("apiclus1/kruskal", "svyranktest(enroll~stype,d)", chisq = as.numeric(r$parameter), df = as.numeric(r$statistic), p = as.numeric(r$p.value))
r <- svyttest(api00 ~ sch.wide, c1); put("apiclus1/ttest", "svyttest(api00~sch.wide,d)", estimate = as.numeric(r$estimate), statistic = as.numeric(r$statistic), df = as.numeric(r$parameter), p = as.numeric(r$p.value))
s1 <- read.csv(file.path(a[1], "apistrat.csv")); s1 <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = s1)
chisq("apistrat", ~sch.wide + stype, s1); chisq("apistrat_comp", ~sch.wide + comp.imp, s1)
r <- svyttest(api00 ~ comp.imp, s1); put("apistrat/ttest", "svyttest(api00~comp.imp,d)", estimate = as.numeric(r$estimate), statistic = as.numeric(r$statistic), df = as.numeric(r$parameter), p = as.numeric(r$p.value))
h <- read.csv(file.path(a[1], "nhanes.csv.gz")); h <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = h)
chisq("nhanes", ~HI_CHOL + race, subset(h, !is.na(HI_CHOL))); chisq("nhanes_sex", ~HI_CHOL + RIAGENDR, subset(h, !is.na(HI_CHOL)))
chisq("nhanes_age", ~agecat + race, h)
m <- svyglm(HI_CHOL ~ race, h); r <- summary(m)$coefficients; put("nhanes/trend", "svyglm(HI_CHOL~race,d)", estimate = r[2, 1], se = r[2, 2], statistic = r[2, 3], df = m$df.residual, p = r[2, 4])
# tails
w <- c(1.5, .7, 1.2, .3)
for (at in c(.5, 3, 7.2, 20)) { put(paste0("tail/", at), "pchisqsum(x, c(1,1,1,1), c(1.5,.7,1.2,.3), method='saddlepoint')", p = pchisqsum(at, rep(1, 4), w, lower.tail = FALSE, method = "saddlepoint")); put(paste0("tail_29/", at), "pFsum(x, c(1,1,1,1), c(1.5,.7,1.2,.3), ddf=29, method='saddlepoint')", p = pFsum(at, rep(1, 4), w, ddf = 29, lower.tail = FALSE, method = "saddlepoint")) }
write_json(list(survey = as.character(packageVersion("survey")), r = R.version.string, results = out), a[2], digits = NA, auto_unbox = TRUE)
cat(length(out), "results\n")
