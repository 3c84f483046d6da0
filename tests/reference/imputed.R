# Tests of three coefficients over imputations by mitml's D1:  Rscript imputed.R imputed.json
# mitml need not be installed: MITML names a folder with its R code (of the Debian package r-cran-mitml 0.4-4).
suppressMessages(library(jsonlite))
e <- new.env(); lazyLoad(file.path(Sys.getenv("MITML", "/usr/lib/R/site-library/mitml"), "R/mitml"), e)
q <- rbind(c(0.42, -0.31, 0.18), c(0.55, -0.20, 0.05), c(0.31, -0.44, 0.27), c(0.47, -0.28, 0.11), c(0.36, -0.39, 0.22))
u <- array(0, c(3, 3, 5)); for (i in 1:5) u[, , i] <- matrix(c(4, 1, -0.5, 1, 3, 0.4, -0.5, 0.4, 2), 3) / 100 * (1 + i / 20)
out <- list()
for (m in c(2, 5)) for (df in c(12, 30, 400, Inf)) {
  if (m == 2 && is.finite(df)) next # k (m - 1) <= 4: Reiter's degrees of freedom are not defined
  d <- e$.D1(t(q[1:m, ]), u[, , 1:m], if (is.finite(df)) df else NULL)
  out[[length(out) + 1]] <- list(id = unbox(paste0("D1/", m, "/", df)), m = unbox(m), df = unbox(if (is.finite(df)) df else -1), statistic = unbox(as.numeric(d$F)), ddf = unbox(d$v), r = unbox(d$r))
}
write_json(list(call = "mitml:::.D1", q = q, u = aperm(u, c(3, 1, 2)), results = out), commandArgs(TRUE)[1], digits = NA)
