# Items in groups on r_survey/sample.csv:  Rscript dif.R r_survey/sample.csv dif.json
suppressMessages({library(survey); library(MASS); library(psych); library(splines); library(jsonlite)})
a <- commandArgs(TRUE)
x <- read.csv(a[1]); q <- paste0("q", 1:6); complete <- complete.cases(x[q])
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = unbox(id), call = unbox(call)), lapply(list(...), unname))
# Items in groups: proportional odds on a natural spline of the score, by polr (equal weights) and svyolr (the design)
r2n <- function(f, f0, N) (1 - exp(2 * (f0 - f) / N)) / (1 - exp(2 * f0 / N))
x$g <- as.numeric(x$kind == "resident")
for (v in q) x[[paste0(v, "f")]] <- factor(x[[v]])
# The mean of all items, or the regression of one factor on them: loadings by psych's minres
scored <- function(match, w) {
  m <- as.matrix(x[q])
  if (match == "total") s <- rowMeans(m) else {
    cv <- cov.wt(m[complete, ], w[complete], method = "ML")$cov
    l <- as.numeric(fa(cov2cor(cv), fm = "minres", n.obs = sum(complete))$loadings); l <- l * sign(sum(l))
    s <- as.numeric(m %*% (l / (1 - l^2) / sqrt(diag(cv))))
  }
  c0 <- weighted.mean(s[complete], w[complete])
  (s - c0) / sqrt(weighted.mean((s[complete] - c0)^2, w[complete]))
}
spline <- function(s) { b <- matrix(NA, length(s), 3); b[complete, ] <- ns(s[complete], df = 3); b }
for (match in c("total", "factor")) {
  x$s <- scored(match, rep(1, nrow(x))); b <- spline(x$s); x$b1 <- b[, 1]; x$b2 <- b[, 2]; x$b3 <- b[, 3]
  xc <- x[complete, ]
  chg <- uni <- both <- non <- numeric(0)
  for (v in q) {
    fit <- function(f) polr(as.formula(paste0(v, "f ~ ", f)), xc, control = list(reltol = 1e-15, maxit = 1000))
    l <- sapply(c("1", "b1 + b2 + b3", "b1 + b2 + b3 + g + g:s"), function(f) as.numeric(logLik(fit(f))))
    chg <- c(chg, r2n(l[3], l[1], nrow(xc)) - r2n(l[2], l[1], nrow(xc)))
  }
  x$s <- scored(match, x$w); b <- spline(x$s); x$b1 <- b[, 1]; x$b2 <- b[, 2]; x$b3 <- b[, 3]
  dd <- subset(svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE), complete)
  for (v in q) {
    F <- function(f, at) { o <- svyolr(as.formula(paste0(v, "f ~ ", f)), dd); b <- coef(o)[at]; V <- vcov(o)[at, at, drop = FALSE]; drop(b %*% solve(V, b)) / length(b) }
    uni <- c(uni, F("b1 + b2 + b3 + g", "g")); both <- c(both, F("b1 + b2 + b3 + g + g:s", c("g", "g:s"))); non <- c(non, F("b1 + b2 + b3 + g + g:s", "g:s"))
  }
  put(match, "polr: change of Nagelkerke's R2 (equal weights); svyolr: Wald F of group, of both, of the product", change = chg, uniform = uni, both = both, nonuniform = non)
}
write_json(list(r = R.version.string, results = out), a[2], digits = NA, pretty = FALSE)
