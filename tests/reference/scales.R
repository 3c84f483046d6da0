# Reliability, shares of R2 and differential item functioning on r_survey/sample.csv:  Rscript scales.R r_survey/sample.csv scales.json
suppressMessages({library(survey); library(psych); library(jsonlite)})
a <- commandArgs(TRUE)
x <- read.csv(a[1])
q <- paste0("q", 1:6); k <- length(q)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = unbox(id), call = unbox(call)), lapply(list(...), unname))
complete <- complete.cases(x[q])
x$T <- rowSums(x[q]); x$TT <- x$T^2; x$S <- rowSums(x[q]^2)
for (v in q) { x[[paste0(v, "r")]] <- x$T - x[[v]]; x[[paste0(v, "rr")]] <- x[[paste0(v, "r")]]^2; x[[paste0(v, "s")]] <- x[[v]]^2; x[[paste0(v, "x")]] <- x[[v]] * x[[paste0(v, "r")]] }
D <- list(
  strat_clus     = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage      = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element        = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only      = svydesign(id = ~psu, weights = ~w, data = x),
  unequal        = svydesign(id = ~1, weights = ~w, data = x))

# Minimum residuals by their definition: the least sum of squared correlations left over between items
minres <- function(R) {
  f <- function(l) { e <- R - tcrossprod(l); diag(e) <- 0; sum(e^2) / 4 }
  g <- function(l) { e <- tcrossprod(l) - R; diag(e) <- 0; drop(e %*% l) }
  e <- eigen(R); l <- e$vectors[, 1] * sqrt(e$values[1]); l <- l * sign(sum(l))
  for (i in 1:5) l <- optim(l, f, g, method = "BFGS", control = list(reltol = 1e-30, maxit = 5000))$par
  for (i in 1:50) {  # to the last digits by Newton's method
    H <- 2 * tcrossprod(l) - R; diag(H) <- sum(l^2) - l^2
    l <- l - solve(H, g(l))
  }
  l
}
omega1 <- function(S) { s <- sqrt(diag(S)); l <- minres(cov2cor(S)) * s; sum(l)^2 / (sum(l)^2 + sum(s^2 - l^2)) }
alpha1 <- function(S) ncol(S) / (ncol(S) - 1) * (1 - sum(diag(S)) / sum(S))
itemrest <- function(S) sapply(seq_len(ncol(S)), function(i) sum(S[i, -i]) / sqrt(S[i, i] * sum(S[-i, -i])))
dropped <- function(S) sapply(seq_len(ncol(S)), function(i) alpha1(S[-i, -i]))

for (n in names(D)) {
  d <- subset(D[[n]], complete)
  put(paste0(n, "/svycralpha"), "svycralpha(~q1+...+q6, complete cases)", estimate = as.numeric(svycralpha(~q1 + q2 + q3 + q4 + q5 + q6, d)))
  m <- svymean(~q1 + q2 + q3 + q4 + q5 + q6 + S + T + TT, d)
  r <- svycontrast(m, quote(6/5 * (1 - (S - q1^2 - q2^2 - q3^2 - q4^2 - q5^2 - q6^2) / (TT - T^2))))
  put(paste0(n, "/alpha"), "svycontrast(svymean(moments), 6/5*(1-sum of variances/variance of the sum))", estimate = as.numeric(coef(r)), se = as.numeric(SE(r)), df = degf(D[[n]]))
  est <- se <- ae <- as <- numeric(0)
  for (v in q) {
    f <- as.formula(sprintf("~%s+%sr+%srr+%ss+%sx", v, v, v, v, v))
    r <- svycontrast(svymean(f, d), parse(text = sprintf("(%sx - %s*%sr) / sqrt((%ss - %s^2) * (%srr - %sr^2))", v, v, v, v, v, v, v))[[1]])
    est <- c(est, coef(r)); se <- c(se, SE(r))
    o <- setdiff(q, v)
    r <- svycontrast(svymean(as.formula(paste0("~", paste(c(q, "S", paste0(v, "s"), paste0(v, "r"), paste0(v, "rr")), collapse = "+"))), d),
                     parse(text = sprintf("5/4 * (1 - (S - %ss - %s) / (%srr - %sr^2))", v, paste0(o, "^2", collapse = " - "), v, v))[[1]])
    ae <- c(ae, coef(r)); as <- c(as, SE(r))
  }
  put(paste0(n, "/item_rest"), "svycontrast(svymean(q, rest, products), correlation)", estimate = est, se = se)
  put(paste0(n, "/alpha_if_dropped"), "svycontrast(svymean(moments), alpha of the others)", estimate = ae, se = as)
  S <- as.matrix(svyvar(~q1 + q2 + q3 + q4 + q5 + q6, d)); l <- minres(cov2cor(S))
  put(paste0(n, "/omega"), "omega by its definition from minres on cov2cor(svyvar)", estimate = omega1(S), loadings = l)
}
j <- as.svrepdesign(D$strat_clus, type = "JKn", mse = TRUE); j$variables <- x
r <- withReplicates(j, function(w, data) {
  S <- cov.wt(data[complete, q], w[complete] / sum(w[complete]), method = "ML")$cov
  c(alpha1(S), omega1(S), itemrest(S), dropped(S), minres(cov2cor(S)))
})
put("jackknife", "withReplicates(JKn): alpha, omega, item-rest, alpha if dropped, loadings", estimate = as.numeric(r), se = as.numeric(SE(r)))

m <- sapply(q, function(i) sapply(q, function(k) { r <- !is.na(x[[i]]) & !is.na(x[[k]]); cov.wt(cbind(x[[i]], x[[k]])[r, ], x$w[r] / sum(x$w[r]), method = "ML")$cov[1, 2] }))
put("pairwise", "cov.wt of each two items among those who have both", alpha = alpha1(m), omega = omega1(m), item_rest = itemrest(m), dropped = dropped(m), n = min(crossprod(!is.na(as.matrix(x[q])))))
u <- x[complete, q]
p <- suppressMessages(suppressWarnings(psych::alpha(u)))
put("psych/alpha", "psych::alpha(q1..q6)", alpha = p$total$raw_alpha, item_rest = p$item.stats$r.drop, dropped = p$alpha.drop$raw_alpha)
f <- suppressWarnings(psych::fa(u, 1, fm = "minres"))
put("psych/fa", "psych::fa(q1..q6, 1, fm = 'minres')", loadings = as.numeric(f$loadings))
set.seed(20240618)
p <- suppressMessages(suppressWarnings(psych::fa.parallel(u, fa = "pc", n.iter = 4000, sim = TRUE, plot = FALSE, quant = .95, error.bars = FALSE)))
put("psych/parallel", "psych::fa.parallel(q1..q6, fa = 'pc', n.iter = 4000, quant = .95)", eigenvalues = p$pc.values, chance = apply(p$values[, paste0("Sim", 7:12)], 2, quantile, .95), kept = p$ncomp)

# Drivers: predictors standardised within groups, R2 of all subsets by lm, every order of entry, effects by lm and glm
subsets <- function(v) do.call(c, lapply(0:length(v), function(m) combn(v, m, simplify = FALSE)))
standardised <- function(z, g, w) { for (i in unique(g)) { r <- g == i; m <- weighted.mean(z[r], w[r]); z[r] <- (z[r] - m) / sqrt(weighted.mean((z[r] - m)^2, w[r])) }; z }
lmg <- function(y, Z, w) {
  v <- colnames(Z); p <- length(v)
  r2 <- function(S) if (length(S)) { f <- lm(y ~ . , data.frame(y = y, Z[, S, drop = FALSE]), weights = w); 1 - sum(w * residuals(f)^2) / sum(w * (y - weighted.mean(y, w))^2) } else 0
  sapply(v, function(j) sum(sapply(subsets(setdiff(v, j)), function(S) factorial(length(S)) * factorial(p - 1 - length(S)) / factorial(p) * (r2(c(S, j)) - r2(S)))))
}
driven <- function(data, w, g, shares = TRUE, top = FALSE) {
  Z <- sapply(v, function(i) standardised(data[[i]], g, w)); y <- data$q1
  if (top) {
    y <- as.numeric(y >= 4); G <- if (length(unique(g)) > 1) factor(g) else rep(1, length(g))
    f <- suppressWarnings(glm.fit(cbind(if (is.factor(G)) model.matrix(~G) else 1, Z), y, weights = w, family = quasibinomial(), control = list(epsilon = 1e-14, maxit = 50)))
    m <- fitted.values(f); return(tail(coef(f), length(v)) * sum(w * m * (1 - m)) / sum(w))
  }
  for (i in unique(g)) y[g == i] <- y[g == i] - weighted.mean(y[g == i], w[g == i])
  b <- lm.wfit(Z, y, w)$coefficients
  if (!shares) return(b)
  l <- lmg(y, Z, w)
  c(b, l / sum(l), sum(l))
}
v <- q[-1]; xc <- x[complete, ]; one <- rep(1, nrow(xc))
jc <- as.svrepdesign(D$strat_clus, type = "JKn", mse = TRUE); rc <- jc
for (n in c("all", "kind")) {
  g <- function(data) if (n == "all") rep(1, nrow(data)) else data$kind
  f <- function(w, data) driven(data[complete, ], w[complete], g(data)[complete])
  r <- withReplicates(rc, f); e <- as.numeric(r); s <- as.numeric(SE(r))
  put(paste0("drivers/", n), "withReplicates(JKn): lm on standardised predictors; R2 of all subsets by lm, averaged over orders", estimate = e, se = s)
  r <- withReplicates(rc, function(w, data) driven(data[complete, ], w[complete], g(data)[complete], top = TRUE))
  put(paste0("drivers_top/", n), "withReplicates(JKn): glm(quasibinomial), sum(w p (1 - p)) / sum(w) times coefficients", estimate = as.numeric(r), se = as.numeric(SE(r)))
}
write_json(list(r = R.version.string, results = out), a[2], digits = NA, auto_unbox = FALSE, pretty = FALSE)
