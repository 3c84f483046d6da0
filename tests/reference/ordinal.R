# Proportional odds models of rows.csv and of r_survey/sample.csv:  Rscript ordinal.R . ordinal.json
#
# R's svyolr at a tight tolerance; and, beside it, the same model with nothing of svyolr's in it: the weighted
# log-likelihood is maximised from its numerical gradient and Hessian (numDeriv, Richardson extrapolation), influence values
# are numerical scores times the inverse of that Hessian, and their totals have the design's variance by svytotal. Needs
# Debian's r-cran-survey, r-cran-mass, r-cran-numderiv, r-cran-car, r-cran-jsonlite.
suppressMessages({library(survey); library(MASS); library(numDeriv); library(jsonlite); library(car)})
a <- commandArgs(TRUE)
options(digits = 15)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))
x <- read.csv(file.path(a[1], "rows.csv"), encoding = "UTF-8"); x$agef <- factor(x$age)

logit_lik <- function(theta, y, X, cuts) {  # of each row; theta: thresholds, then slopes
  eta <- as.vector(X %*% theta[-seq_len(cuts)])
  upper <- plogis(c(theta[seq_len(cuts)], Inf)[y] - eta); lower <- plogis(c(-Inf, theta[seq_len(cuts)])[y] - eta)
  log(upper - lower)
}
free_lik <- function(theta, y, X, cuts) {  # slopes of their own at every cut: theta is (threshold, slopes) cut by cut
  p <- matrix(theta, ncol = cuts); eta <- sweep(-X %*% p[-1, , drop = FALSE], 2, p[1, ], "+")
  P <- cbind(0, plogis(eta), 1); i <- seq_along(y)
  log(P[cbind(i, y + 1)] - P[cbind(i, y)])
}
# a top that is found by Newton's method on numerical derivatives
top <- function(lik, theta, w) {
  one <- rep(1, length(theta))  # numDeriv's steps are a part of each parameter: all are taken as 1, so that none is near 0
  for (i in 1:30) {
    f <- function(t) sum(w * lik(theta + t - 1)); g <- grad(f, one); H <- hessian(f, one); s <- solve(H, -g); theta <- theta + s
    if (max(abs(s)) < 1e-10) break
  }
  list(theta = theta, bread = solve(-hessian(f, one)), scores = jacobian(function(t) lik(theta + t - 1), one))
}
own <- function(d, formula) {
  frame <- model.frame(formula, d$variables, na.action = na.pass)
  ok <- complete.cases(frame) & weights(d, "sampling") > 0
  y <- as.integer(factor(frame[ok, 1])); X <- model.matrix(formula, frame[ok, ])[, -1, drop = FALSE]; w <- weights(d, "sampling")[ok]
  # derivatives are taken in units of the terms' own spread, and brought back: minutes beside dummies cost digits
  centre <- colMeans(X); spread <- apply(X, 2, sd); X <- scale(X, centre, spread)
  m <- polr(factor(frame[ok, 1]) ~ X, weights = w / mean(w), control = list(reltol = 1e-14, maxit = 1000))
  cuts <- max(y) - 1
  t <- top(function(p) logit_lik(p, y, X, cuts), c(m$zeta, coef(m)), w)
  k <- ncol(X); back <- diag(cuts + k); back[cuts + seq_len(k), cuts + seq_len(k)] <- diag(1 / spread, k)
  back[seq_len(cuts), cuts + seq_len(k)] <- rep(centre / spread, each = cuts)
  X <- t(t(X) * spread + centre); t$theta <- as.vector(back %*% t$theta)
  u <- matrix(0, nrow(d$variables), length(t$theta)); u[ok, ] <- t$scores %*% t$bread %*% t(back)
  V <- vcov(svytotal(u, d))
  order <- c(cuts + seq_len(k), seq_len(cuts))  # slopes first, thresholds last, as svyolr has them
  list(names = c(colnames(X), paste0(sort(unique(frame[ok, 1]))[-(cuts + 1)], "|")), estimate = t$theta[order], vcov = as.numeric(V[order, order]),
       se = sqrt(diag(V))[order], y = y, X = X, w = w, ok = ok, cuts = cuts, theta = t$theta)
}
keep <- function(o) o[c("names", "estimate", "se", "vcov")]

D <- list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
  unequal = svydesign(id = ~1, weights = ~w, data = x))
tight <- list(reltol = 1e-15, maxit = 5000)
F <- list(q1 = q1 ~ sex * wave + agef, q2 = q2 ~ minutes + group * wave)
for (n in names(D)) for (f in names(F)) {
  d <- D[[n]]; formula <- F[[f]]
  s <- svyolr(update(formula, factor(.) ~ .), d, control = tight); m <- summary(s)$coefficients
  put(paste0(n, "/svyolr_", f), deparse(formula), names = rownames(m), estimate = m[, 1], se = m[, 2], df = s$df.residual)
  o <- own(d, formula)
  do.call(put, c(list(id = paste0(n, "/own_", f), call = "numDeriv and svytotal"), keep(o)))
}
# a domain; after raking, whose residuals the standard errors come from
d <- D$strat_clus
o <- own(subset(d, kind == "resident"), q1 ~ sex + wave); do.call(put, c(list(id = "strat_clus/own_residents", call = "subset(d, kind=='resident'), q1 ~ sex + wave"), keep(o)))
N <- sum(x$w)
tilt <- function(v, k) { t <- tapply(x$w, v, sum); t <- t * (1 + k * seq(-1, 1, length.out = length(t))); t / sum(t) * N }
ts <- tilt(x$sex, .12); ta <- tilt(x$age, .2)
put("targets", "population margins", sex = as.numeric(ts), age = as.numeric(ta))
pop <- c(`(Intercept)` = N, sex = as.numeric(ts[2]), agef1 = as.numeric(ta[2]), agef2 = as.numeric(ta[3]))
for (n in c("strat_clus", "element")) {
  r <- calibrate(D[[n]], ~sex + agef, pop, calfun = "raking", epsilon = 1e-12)
  o <- own(r, q1 ~ sex * wave + agef); do.call(put, c(list(id = paste0(n, "/own_raked"), call = "calibrate(d, ~sex + agef, pop, calfun='raking')"), keep(o)))
}
# the jackknife: refitted in every replicate, by hand (svyolr of a replicate design gives standard errors of 1e-7 here)
j <- as.svrepdesign(d, type = "JKn", mse = TRUE)
o <- own(d, q1 ~ sex + wave); k <- ncol(o$X)
refit <- function(w) top(function(p) logit_lik(p, o$y, o$X, o$cuts), o$theta, w[o$ok])$theta[c(o$cuts + seq_len(k), seq_len(o$cuts))]
W <- weights(j, "analysis"); each <- t(apply(W, 2, refit))
V <- svrVar(each, j$scale, j$rscales, mse = TRUE, coef = refit(x$w)); s <- svyolr(factor(q1) ~ sex + wave, j, control = tight)
put("jackknife/own_q1", "top() in every replicate of as.svrepdesign(d, 'JKn', mse=TRUE), svrVar", names = o$names, estimate = refit(x$w), se = sqrt(diag(V)), svyolr_se = summary(s)$coefficients[, 2])

# parallel lines: score of the model with slopes of its own at every cut, numerically; its variance under each design
for (n in c("strat_clus", "element", "unequal")) for (f in names(F)) {
  d <- D[[n]]; o <- own(d, F[[f]]); k <- ncol(o$X); cuts <- o$cuts
  wide <- as.vector(rbind(o$theta[seq_len(cuts)], matrix(o$theta[-seq_len(cuts)], k, cuts)))
  lik <- function(t) free_lik(t, o$y, o$X, cuts)
  S <- jacobian(lik, wide)  # (rows, parameters)
  # expected information: the sum over answers of p times score score'
  I <- 0
  for (v in seq_len(cuts + 1)) {
    f1 <- function(t) free_lik(t, rep(v, nrow(o$X)), o$X, cuts); s1 <- jacobian(f1, wide); I <- I + t(s1) %*% (s1 * (o$w * exp(f1(wide))))
  }
  # parameters: thresholds and common slopes (A), and slopes that part at cuts 2, 3, ... (B)
  A <- matrix(0, cuts * (k + 1), cuts + k); B <- matrix(0, cuts * (k + 1), (cuts - 1) * k)
  for (c in seq_len(cuts)) {
    A[(c - 1) * (k + 1) + 1, c] <- 1
    for (i in seq_len(k)) { A[(c - 1) * (k + 1) + 1 + i, cuts + i] <- 1; if (c > 1) B[(c - 1) * (k + 1) + 1 + i, (c - 2) * k + i] <- 1 }
  }
  hat <- solve(t(A) %*% I %*% A, t(A) %*% I %*% B)
  R <- S %*% (B - A %*% hat); info <- t(B) %*% I %*% B - t(B) %*% I %*% A %*% hat
  u <- matrix(0, nrow(x), ncol(R)); u[o$ok, ] <- R
  V <- vcov(svytotal(u, d)); total <- colSums(o$w * R)
  score <- function(at) { T <- sum(total[at] * solve(info[at, at], total[at])); e <- Re(eigen(solve(info[at, at], V[at, at]))$values)
    ddf <- degf(subset(d, o$ok)); df <- sum(e)^2 / sum(e^2); F <- T / sum(e); c(F, df, df * ddf, pf(F, df, df * ddf, lower.tail = FALSE), mean(e), T) }
  each <- lapply(seq_len(k), function(i) score(seq(i, by = k, length.out = cuts - 1)))
  put(paste0(n, "/parallel_", f), "score test, Rao-Scott second order", columns = c("statistic", "df", "ddf", "p_value", "deff", "score"),
      overall = score(seq_len((cuts - 1) * k)), each = do.call(rbind, each), names = colnames(o$X))
}
# separate logits at every cut: slopes and standard errors by svyglm
for (cut in 1:4) { g <- svyglm(as.formula(paste0("I(q1 > ", cut, ") ~ sex * wave + agef")), D$strat_clus, family = quasibinomial(), epsilon = 1e-14, maxit = 100); m <- summary(g)$coefficients
  put(paste0("strat_clus/cut_", cut), "svyglm(I(q1 > c) ~ sex*wave + agef, quasibinomial)", names = rownames(m), estimate = m[, 1], se = m[, 2], df = g$df.residual) }

# average effects on each answer, by brute force: predicted shares with a term set for everyone, and the delta method by
# numerical derivatives; the people over whom effects are averaged are a sample too
d <- D$strat_clus; o <- own(d, q1 ~ sex * wave + agef)
shares <- function(theta, X) { eta <- as.vector(X %*% theta[-seq_len(o$cuts)]); P <- sapply(seq_len(o$cuts), function(c) plogis(theta[c] - eta)); cbind(P, 1) - cbind(0, P) }
frame <- x[o$ok, ]
set <- function(s) { f <- frame; f$sex <- s; model.matrix(~ sex * wave + agef, f)[, -1] }
effect <- function(theta) colSums(o$w * (shares(theta, set(1)) - shares(theta, set(0)))) / sum(o$w)
J <- jacobian(effect, o$theta)
lik <- function(p) logit_lik(p, o$y, o$X, o$cuts)
t <- top(lik, o$theta, o$w)
each <- shares(o$theta, set(1)) - shares(o$theta, set(0)); est <- effect(o$theta)
infl <- sweep(each, 2, est) / sum(o$w) + (t$scores %*% t$bread) %*% t(J)
u <- matrix(0, nrow(x), 5); u[o$ok, ] <- infl; V <- vcov(svytotal(u, d))
u2 <- cbind(u[, 4] + u[, 5]); fixed <- matrix(0, nrow(x), 5); fixed[o$ok, ] <- (t$scores %*% t$bread) %*% t(J)
put("strat_clus/effect_sex", "sex 1 against 0, for everyone", estimate = est, se = sqrt(diag(V)), fixed_se = sqrt(diag(vcov(svytotal(fixed, d)))), top2 = sum(est[4:5]), top2_se = as.numeric(SE(svytotal(u2, d))))
# a number: the derivative
o <- own(d, q2 ~ minutes + group * wave)
slope <- function(theta) { h <- 1e-4; X1 <- o$X; X2 <- o$X; X1[, "minutes"] <- X1[, "minutes"] + h; X2[, "minutes"] <- X2[, "minutes"] - h
  colSums(o$w * (shares(theta, X1) - shares(theta, X2))) / sum(o$w) / (2 * h) }
put("strat_clus/effect_minutes", "mean derivative on minutes", estimate = slope(o$theta))

# unit weights: polr, and Brant's test as car has it
m <- polr(factor(q1) ~ sex * wave + agef, x, Hess = TRUE, control = tight); s <- summary(m)$coefficients
b <- poTest(m); put("polr", "MASS::polr(factor(q1) ~ sex*wave + agef)", names = rownames(s), estimate = s[, 1], se = s[, 2], loglik = as.numeric(logLik(m)), brant = b$chisq, brant_df = b$df)
write_json(list(survey = as.character(packageVersion("survey")), r = R.version.string, results = out), a[2], digits = 15, auto_unbox = TRUE, pretty = TRUE)
cat(length(out), "results\n")
