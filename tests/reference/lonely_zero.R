# Standard errors of R's survey for designs with one second-stage unit, weights of 0, and jackknives with an fpc.
#   Rscript lonely_zero.R > lonely_zero.json
suppressWarnings(suppressMessages({library(survey); library(jsonlite)}))
options(survey.adjust.domain.lonely = FALSE, warn = -1)

# 9 clusters in 3 strata, the last stratum with one cluster of 4; two clusters with one second-stage unit of 5
two <- data.frame(
  h = c(1,1,1,1,1,1,1,2,2,2,2,2,2,2,2,3,3,3), c = c(1,1,1,2,2,3,3,4,4,4,5,5,6,6,6,7,7,7),
  s = c(1,2,3,4,5,6,6,7,8,9,10,11,12,12,12,13,14,15), e = 1:18, h2 = c(1,1,2,1,1,1,1,1,1,2,1,1,1,1,1,1,1,2),
  y = c(3,5,8,2,9,7,4,11,6,2,8,5,1,6,4,7,3,9), g = c(1,2,1,2,1,2,1,2,1,2,1,2,1,2,1,2,2,2),
  w = c(10,12,9,10,11,8,8,7,10,12,13,9,10,10,10,14,9,10), N1 = c(rep(6,7), rep(4,8), rep(4,3)), N2 = 5)
two$whole <- ifelse(two$c == 3, 1, 5)  # the third cluster's only unit is all there is
sparse <- two[!(two$e %in% c(5, 7, 8, 10, 11, 12, 14, 15)), ]  # clusters of one element
designs <- list(
  units = quote(svydesign(~c+s, strata=~h, weights=~w, fpc=~N1+N2, data=two)),
  strata2 = quote(svydesign(~c+s, strata=~h+h2, weights=~w, fpc=~N1+N2, data=two)),
  strata2_known = quote(svydesign(~c+s, strata=~h+h2, weights=~w, fpc=~N1+N2, data=two[!(two$c %in% c(3, 6)), ])),
  elements = quote(svydesign(~c+e, strata=~h, weights=~w, fpc=~N1+N2, data=sparse)),
  certain = quote(svydesign(~c+s, strata=~h, weights=~w, fpc=~N1+whole, data=two[two$c != 6 & two$h < 3, ])),
  unstratified = quote(svydesign(~c+s, weights=~w, fpc=~I(N1*0+12)+N2, data=two)))
num <- function(m) c(as.vector(coef(m)), as.vector(SE(m)))
asks <- function(d) list(
  mean = num(svymean(~y, d)), total = num(svytotal(~y, d)), ratio = num(svyratio(~y, ~e, d))[1:2],
  domain = num(svymean(~y, subset(d, g == 1))), domain_total = num(svytotal(~y, subset(d, g == 1))))
out <- list(lonely = list())
for (name in names(designs)) for (rule in c("fail", "adjust", "average", "remove", "certainty")) {
  options(survey.lonely.psu = rule)
  d <- tryCatch(eval(designs[[name]]), error = function(e) NULL)
  out$lonely[[name]][[rule]] <- tryCatch(asks(d), error = function(e) "error")
}

# weights of 0: a whole cluster, single rows, a whole stratum
options(survey.lonely.psu = "adjust")
zero <- data.frame(
  h = rep(1:4, each = 9), c = rep(1:12, each = 3), y = c(1,2,3,2,4,4,5,3,1,2,2,5,3,4,6,9,9,9,4,5,3,2,2,6,7,3,4,5,5,2,1,3,8,2,6,4),
  x = rep(c(2,3,5,4), 9), q = rep(c(1,2,3,4,5,2,3,3,1), 4), g = rep(c("a","b","b","a","b"), length.out = 36), sex = rep(c(0,1,1,0), 9),
  N = 10, w = c(2,3,1,0,0,0,2,2,4, 1,0,2,3,3,1,2,0,2, rep(0,9), 2,1,1,0,2,3,3,1,2))
zero$q[zero$w == 0 & zero$c == 2] <- 6  # an answer that only weights of 0 give
designs <- list(
  clusters = quote(svydesign(~c, weights=~w, data=zero)), stratified = quote(svydesign(~c, strata=~h, weights=~w, fpc=~N, data=zero)),
  elements = quote(svydesign(~1, weights=~w, data=zero)), strata_elements = quote(svydesign(~1, strata=~h, weights=~w, data=zero)))
zeros <- function(d, calibrated = FALSE) {
  m <- function(d, f = ~y) { e <- svymean(f, d, deff = "replace"); c(num(e), as.vector(deff(e)), degf(d)) }
  v <- svyvar(~y, d)
  list(mean = m(d), a = m(subset(d, g == "a")), total = num(svytotal(~y, d)), ratio = num(svyratio(~y, ~x, d))[1:2],
    q3 = num(svymean(~I(q == 3), d))[c(2, 4)], var = c(as.vector(v)[1], as.vector(SE(v))[1]),
    median = as.vector(svyquantile(~y, d, 0.5)[[1]])[c(1, 4)],
    linear = { f <- svyglm(y ~ x + g, d); c(coef(f), SE(f), f$df.residual) })
}
out$zero <- lapply(designs, function(d) zeros(eval(d)))
# R cannot calibrate weights of 0; the same as a domain: rows outside get any weight, and variables that are 0 for them
zero$inside <- as.numeric(zero$w > 0); zero$inside_sex <- zero$inside * zero$sex; zero$any <- ifelse(zero$w > 0, zero$w, 1)
for (name in names(designs)) designs[[name]]$weights <- quote(~any)
out$zero_raked <- lapply(designs, function(d) zeros(subset(calibrate(eval(d), ~inside + inside_sex - 1,
  c(inside = 60, inside_sex = 32), calfun = "raking", epsilon = 1e-13), inside == 1)))
for (name in names(designs)) designs[[name]]$weights <- quote(~w)
out$zero_jackknife <- lapply(designs[c("clusters", "stratified")], function(d) {
  d <- eval(d); r <- as.svrepdesign(d, type = if (is.null(d$fpc$popsize)) "JK1" else "JKn", mse = TRUE)
  list(mean = num(svymean(~y, r)), total = num(svytotal(~y, r))) })

# the jackknife with an fpc; a stratum of which everything was drawn (around the mean of the replicates: with mse=TRUE R's
# total is 254.7 there, where the linearised one, which a jackknife of a total equals, is 17.3)
full <- zero; full$w <- full$w + 1; full$census <- ifelse(full$h == 2, 3, 10)
jack <- list(
  jk1 = quote(as.svrepdesign(svydesign(~c, weights=~w, fpc=~I(N*2), data=full), type="JK1", mse=TRUE)),
  jkn = quote(as.svrepdesign(svydesign(~c, strata=~h, weights=~w, fpc=~N, data=full), type="JKn", mse=TRUE)),
  census_stratum = quote(as.svrepdesign(svydesign(~c, strata=~h, weights=~w, fpc=~census, data=full), type="JKn", mse=FALSE)))
out$jackknife <- lapply(jack, function(r) { r <- eval(r); list(mean = num(svymean(~y, r)), total = num(svytotal(~y, r)), scale = r$scale, rscales = r$rscales, df = degf(r)) })
out$rows <- list(two = two, sparse = sparse, zero = zero, full = full)
cat(toJSON(out, digits = I(17), auto_unbox = TRUE, na = "null", dataframe = "columns", pretty = FALSE), "\n")
