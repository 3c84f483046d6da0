# Items in groups on r_survey/sample.csv:  Rscript dif.R r_survey/sample.csv dif.json
suppressMessages({library(survey); library(MASS); library(jsonlite)})
a <- commandArgs(TRUE)
x <- read.csv(a[1]); q <- paste0("q", 1:6); complete <- complete.cases(x[q]); xc <- x[complete, ]
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = unbox(id), call = unbox(call)), lapply(list(...), unname))
# Items in groups: proportional odds on the mean of all items, by polr (equal weights) and svyolr (the design)
r2n <- function(f, f0, N) (1 - exp(2 * (f0 - f) / N)) / (1 - exp(2 * f0 / N))
for (v in q) xc[[paste0(v, "f")]] <- factor(xc[[v]])
xc$s <- as.numeric(scale(rowMeans(xc[q]))); xc$g <- as.numeric(xc$kind == "resident")
x$m <- rowMeans(x[q]); x$g <- as.numeric(x$kind == "resident"); w <- x$w[complete]
centre <- weighted.mean(x$m[complete], w); x$s <- (x$m - centre) / sqrt(weighted.mean((x$m[complete] - centre)^2, w))
for (v in q) x[[paste0(v, "f")]] <- factor(x[[v]])
dd <- subset(svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE), complete)
chg <- uni <- both <- non <- numeric(0)
for (v in q) {
  fit <- function(f) polr(as.formula(paste0(v, "f ~ ", f)), xc, control = list(reltol = 1e-15, maxit = 1000))
  l <- sapply(c("1", "s", "s + g", "s * g"), function(f) as.numeric(logLik(fit(f))))
  chg <- c(chg, r2n(l[4], l[1], nrow(xc)) - r2n(l[2], l[1], nrow(xc)))
  F <- function(f, at) { o <- svyolr(as.formula(paste0(v, "f ~ ", f)), dd); b <- coef(o)[at]; V <- vcov(o)[at, at, drop = FALSE]; drop(b %*% solve(V, b)) / length(b) }
  uni <- c(uni, F("s + g", "g")); both <- c(both, F("s + g + s:g", c("g", "s:g"))); non <- c(non, F("s + g + s:g", "s:g"))
}
put("dif", "polr: change of Nagelkerke's R2 (equal weights); svyolr: Wald F of group, of both, of the product", change = chg, uniform = uni, both = both, nonuniform = non)
write_json(list(r = R.version.string, results = out), a[2], digits = NA, pretty = FALSE)
