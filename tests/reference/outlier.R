# A number of 1e8 by mistake among the enrolments of apistrat:  Rscript outlier.R apistrat.csv outlier.json
# At its default epsilon svyglm stops where the likelihood is nearly flat, far below its maximum; a smaller one goes on
# and arrives at the fit without that school, which the slope of the others predicts perfectly.
suppressMessages({library(survey); library(jsonlite)})
a <- commandArgs(TRUE)
x <- read.csv(a[1]); out <- list()
x$high <- as.numeric(x$api00 >= 700); x$met <- as.numeric(x$comp.imp == "Yes"); x$class <- cut(x$api00, c(0, 550, 650, 750, 1000))
put <- function(id, call, b, V) out[[length(out) + 1]] <<- list(id = unbox(id), call = unbox(call), estimate = unname(b), se = unname(sqrt(diag(V))))
agrees <- which(x$high == 0)[1]; opposes <- which(x$high == 1)[1]
for (row in c(agrees, opposes)) {
  x$far <- x$enroll; x$far[row] <- 1e8
  d <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = x)
  m <- suppressWarnings(svyglm(high ~ met + far, d, family = quasibinomial, control = glm.control(epsilon = 1e-15, maxit = 500)))
  put(if (row == agrees) "logistic/agrees" else "logistic/opposes", "svyglm(high ~ met + far, quasibinomial, epsilon = 1e-15)", coef(m), vcov(m))
}
m <- svyglm(high ~ met + enroll, subset(svydesign(id = ~1, strata = ~stype, weights = ~pw, data = x), seq_len(nrow(x)) != agrees), family = quasibinomial, control = glm.control(epsilon = 1e-15, maxit = 500))
put("logistic/without", "the same without that school", coef(m), vcov(m))
lowest <- which(x$api00 <= 550)[1]
x$thousands <- x$enroll / 1000 # svyolr differentiates numerically, which hundreds of pupils would spoil
m <- svyolr(class ~ met + thousands, subset(svydesign(id = ~1, strata = ~stype, weights = ~pw, data = x), seq_len(nrow(x)) != lowest))
put("ordinal/without", "svyolr without the first school of the lowest class", coef(m), vcov(m))
write_json(list(r = R.version.string, results = out, rows = c(agrees, opposes, lowest) - 1), a[2], digits = NA, pretty = FALSE)
