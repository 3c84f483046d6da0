# Numbers of R `survey` on the simulated rows of ../rows.csv:
#   Rscript statistics.R ../rows.csv multipliers.csv statistics.json
# multipliers.csv is written too: replicate weights such as a producer ships, as multipliers of each cluster's weights.
suppressMessages({library(survey); library(mitools); library(jsonlite)})
options(digits = 15, survey.lonely.psu = "fail")
a <- commandArgs(TRUE)
x <- read.csv(a[1], encoding = "UTF-8")
for (k in 1:5) x[[paste0("a", k)]] <- as.numeric(x$q2 %in% k)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))
stat <- function(id, call, s) put(id, call, estimate = as.numeric(coef(s)), se = as.numeric(unlist(SE(s))))

make <- function(x) list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
  unequal = svydesign(id = ~1, weights = ~w, data = x))
D <- make(x)
valid <- function(d, ...) { for (v in c(...)) d <- subset(d, !is.na(d$variables[[v]])); d }

# --- quantiles --------------------------------------------------------------------------------------------------------
quantiles <- function(id, call, f, d, p, df = degf(d), ...) {
  r <- svyquantile(f, d, quantiles = p, df = df, ...)[[1]]
  put(id, call, p = p, estimate = r[, 1], low = r[, 2], high = r[, 3], se = r[, 4], df = df)
}
P <- c(.1, .25, .5, .75, .9)
for (n in names(D)) {
  d <- D[[n]]; m <- valid(d, "minutes"); q <- valid(d, "q1")
  for (rule in c("math", "school", "hf4")) for (type in c("mean", "beta", "xlogit", "asin"))
    quantiles(paste("quantile", n, rule, type, sep = "/"), paste0("svyquantile(~minutes, d, p, qrule='", rule, "', interval.type='", type, "')"), ~minutes, m, P, qrule = rule, interval.type = type)
  for (rule in c("math", "school"))
    quantiles(paste("quantile", n, rule, "ties", sep = "/"), paste0("svyquantile(~q1, d, p, qrule='", rule, "')"), ~q1, q, P, qrule = rule)
  for (home in sort(unique(x$ward)))
    quantiles(paste("quantile", n, "by", home, sep = "/"), paste0("svyquantile(~minutes, subset(d, ward=='", home, "'), c(.25,.5,.75))"), ~minutes, subset(m, ward == home), c(.25, .5, .75))
}

# --- variances, covariances, correlations -----------------------------------------------------------------------------
moments <- function(p, d) {
  stat(paste0(p, "/variance"), "svyvar(~minutes, subset(d, !is.na(minutes)))", svyvar(~minutes, valid(d, "minutes")))
  v <- svyvar(~q1 + q2 + minutes, valid(d, "q1", "q2", "minutes"))
  up <- c(1, 4, 7, 5, 8, 9)  # upper triangle, row by row
  V <- attr(v, "var"); s <- as.matrix(v)[1:9]
  put(paste0(p, "/covariance"), "svyvar(~q1+q2+minutes, subset(d, all answered))", estimate = s[up], se = sqrt(diag(V))[up], vcov = as.numeric(V[up, up]))
  r <- function(i, ii, jj) {  # delta method on the matrix of svyvar
    g <- numeric(9); rho <- s[i] / sqrt(s[ii] * s[jj])
    g[i] <- 1 / sqrt(s[ii] * s[jj]); g[ii] <- -rho / (2 * s[ii]); g[jj] <- -rho / (2 * s[jj])
    c(rho, sqrt(drop(g %*% V %*% g)))
  }
  k <- rbind(r(4, 1, 5), r(7, 1, 9), r(8, 5, 9))
  put(paste0(p, "/correlation"), "delta method on svyvar(~q1+q2+minutes, subset(d, all answered))", estimate = k[, 1], se = k[, 2])
}
for (n in names(D)) {
  moments(paste0("moments/", n), D[[n]])
  for (home in sort(unique(x$ward))) moments(paste0("moments/", n, "/", home), subset(D[[n]], ward == home))
}

# --- net shares and points --------------------------------------------------------------------------------------------
for (n in names(D)) {
  d <- valid(D[[n]], "q1"); d <- update(d, net = (q1 >= 4) - (q1 <= 2), points = 25 * (q1 - 1))
  stat(paste0("share/", n, "/net"), "svymean(~I((q1>=4)-(q1<=2)), subset(d,!is.na(q1)))", svymean(~net, d))
  stat(paste0("share/", n, "/net_by_ward"), "svyby(~I((q1>=4)-(q1<=2)), ~ward, subset(d,!is.na(q1)), svymean)", svyby(~net, ~ward, d, svymean))
  stat(paste0("share/", n, "/points"), "svymean(~I(25*(q1-1)), subset(d,!is.na(q1)))", svymean(~points, d))
  stat(paste0("share/", n, "/points_by_ward"), "svyby(~I(25*(q1-1)), ~ward, subset(d,!is.na(q1)), svymean)", svyby(~points, ~ward, d, svymean))
}

# --- arithmetic over estimates ----------------------------------------------------------------------------------------
for (n in c("strat_clus", "two_stage", "unequal")) {
  b <- svyby(~q1, ~ward, valid(D[[n]], "q1"), svymean, covmat = TRUE); names(attr(b, "var")) <- NULL
  k <- svycontrast(b, list(ratio = quote(`An Hòa` / `Đông Sơn`), change = quote(100 * (`An Hòa` / `Đông Sơn` - 1)),
    of_sums = quote((`An Hòa` + 2 * `Bình Minh`) / (-`Đông Sơn` * 3)), product = quote(`An Hòa` * `Bình Minh`)))
  put(paste0("formula/", n), "svycontrast(svyby(~q1, ~ward, subset(d,!is.na(q1)), svymean, covmat=TRUE), quote(...))", names = names(coef(k)), estimate = as.numeric(coef(k)), se = as.numeric(SE(k)))
  v <- valid(D[[n]], "q1", "q2")
  stat(paste0("formula/", n, "/items"), "svycontrast(svymean(~q1+q2, subset(d, both answered)), quote(q1/q2))", svycontrast(svymean(~q1 + q2, v), quote(q1 / q2)))
}

# --- replicate weights: statistics under any of them ------------------------------------------------------------------
own <- function(w, data) {  # a Gini coefficient by its definition, and the smallest value with half the weight up to it
  i <- !is.na(data$minutes); y <- data$minutes[i]; v <- w[i]; o <- order(y)
  c(sum(outer(v, v) * abs(outer(y, y, "-"))) / (2 * sum(v)^2 * sum(v * y) / sum(v)), y[o][which(cumsum(v[o]) >= sum(v) / 2)[1]])
}
replicated <- function(p, d) {
  put(paste0(p, "/df"), "degf(d)", estimate = degf(d))
  stat(paste0(p, "/mean"), "svymean(~q1, d, na.rm=TRUE)", svymean(~q1, d, na.rm = TRUE))
  stat(paste0(p, "/total"), "svytotal(~trips, d)", svytotal(~trips, d))
  stat(paste0(p, "/ratio"), "svyratio(~minutes, ~trips, subset(d, sex==1 & !is.na(minutes)))", svyratio(~minutes, ~trips, subset(valid(d, "minutes"), sex == 1)))
  stat(paste0(p, "/mean_by_age"), "svyby(~q1, ~age, subset(d,!is.na(q1)), svymean)", svyby(~q1, ~age, valid(d, "q1"), svymean))
  stat(paste0(p, "/total_by_ward_business"), "svyby(~trips, ~ward, subset(d,kind=='business'), svytotal)", svyby(~trips, ~ward, subset(d, kind == "business"), svytotal))
  s <- svymean(~a1 + a2 + a3 + a4 + a5, valid(d, "q2"))
  put(paste0(p, "/distribution"), "svymean(~(q2==1)+...+(q2==5), subset(d,!is.na(q2)))", estimate = as.numeric(coef(s)), se = as.numeric(SE(s)), vcov = as.numeric(vcov(s)))
  v <- suppressWarnings(svyvar(~q1 + minutes, valid(d, "q1", "minutes"))); i <- c(1, 3, 4)
  put(paste0(p, "/covariance"), "svyvar(~q1+minutes, subset(d, both answered))", estimate = as.matrix(v)[1:4][i], se = sqrt(diag(attr(v, "var")))[i])
  quantiles(paste0(p, "/quantile"), "svyquantile(~minutes, subset(d,!is.na(minutes)), c(.25,.5,.75))", ~minutes, valid(d, "minutes"), c(.25, .5, .75), df = degf(d))
  stat(paste0(p, "/own"), "withReplicates(d, function(w, data) c(gini, weighted median))", withReplicates(d, own))
}

# made from a design; rows 2.. of the Hadamard matrix are Sylvester's, the first is turned, as R takes its corner for "-"
h2 <- matrix(c(1, 1, 1, -1), 2); H <- h2 %x% h2 %x% h2; H[1, ] <- -H[1, ]
pairs <- subset(x, psu <= 2); E <- make(pairs)
for (mse in c(FALSE, TRUE)) {
  q <- function(name) paste0("made/", name, if (mse) "/mse" else "/mean")
  replicated(q("JK1"), as.svrepdesign(D$clus_only, type = "JK1", mse = mse))
  replicated(q("JKn"), as.svrepdesign(D$strat_clus, type = "JKn", mse = mse))
  replicated(q("JKn elements"), as.svrepdesign(D$element, type = "JKn", mse = mse))
  replicated(q("JK1 elements"), as.svrepdesign(D$unequal, type = "JK1", mse = mse))
  replicated(q("BRR"), as.svrepdesign(E$strat_clus, type = "BRR", hadamard.matrix = H, mse = mse))
  replicated(q("Fay"), as.svrepdesign(E$strat_clus, type = "Fay", fay.rho = 0.3, hadamard.matrix = H, mse = mse))
}

# shipped by a producer
C <- unique(x[c("cluster", "stratum", "psu")]); C <- C[order(C$cluster), ]; n <- nrow(C); size <- table(C$stratum)[C$stratum]
M <- list()
M$jk1 <- matrix(n / (n - 1), n, n); diag(M$jk1) <- 0
M$jkn <- outer(C$stratum, C$stratum, "=="); M$jkn <- ifelse(M$jkn, matrix(size / (size - 1), n, n, byrow = TRUE), 1); diag(M$jkn) <- 0
half <- ifelse(C$psu %% 2 == 1, 1, -1); h <- as.integer(factor(C$stratum))
M$brr <- 1 + half * H[1 + h, ]
M$fay <- 1 + 0.5 * half * H[1 + h, ]
big <- H %x% h2 %x% h2  # successive differences: neighbours share a row of a matrix of order 32
M$sdr <- 1 + 2^-1.5 * big[1 + seq_len(n), ] - 2^-1.5 * big[2 + seq_len(n), ]
set.seed(20240820)
M$boot <- sapply(1:40, function(r) { k <- numeric(n); for (s in unique(C$stratum)) { i <- which(C$stratum == s); d <- tabulate(sample(length(i), length(i) - 1, TRUE), length(i)); k[i] <- d * length(i) / (length(i) - 1) }; k })
for (m in names(M)) colnames(M[[m]]) <- paste0(m, "_", seq_len(ncol(M[[m]])))
write.csv(data.frame(cluster = C$cluster, do.call(cbind, lapply(unname(M), function(k) round(k, 10)))), a[2], row.names = FALSE, quote = FALSE, fileEncoding = "UTF-8")
M <- lapply(M, round, 10)
arguments <- list(
  jk1 = list(type = "JK1", scale = (n - 1) / n), jkn = list(type = "JKn", scale = 1, rscales = as.numeric((size - 1) / size)),
  brr = list(type = "BRR"), fay = list(type = "Fay", rho = 0.5), sdr = list(type = "successive-difference"),
  boot = list(type = "bootstrap", scale = 1 / 40, rscales = rep(1, 40)))
at <- match(x$cluster, C$cluster)
for (m in names(M)) for (combined in c(TRUE, FALSE)) for (mse in c(TRUE, FALSE)) {
  r <- M[[m]][at, ]; if (combined) r <- r * x$w
  d <- suppressWarnings(do.call(svrepdesign, c(list(variables = x, repweights = r, weights = x$w, combined.weights = combined, mse = mse), arguments[[m]])))
  replicated(paste("shipped", m, if (combined) "combined" else "multipliers", if (mse) "mse" else "mean", sep = "/"), d)
}

# --- multiple imputation ----------------------------------------------------------------------------------------------
fills <- lapply(1:4, function(k) { y <- x; i <- is.na(y$q1); y$q1[i] <- 1 + (y$rid[i] + k * y$age[i]) %% 5; y })
# without df.complete: 2.4 leaves the factor 1 + 1/m out of the degrees of freedom of Barnard & Rubin (1999)
pooled <- function(id, call, fit) {
  r <- lapply(fills, function(y) fit(make(y)$strat_clus))
  m <- MIcombine(lapply(r, coef), lapply(r, vcov))
  put(id, call, estimate = as.numeric(coef(m)), se = as.numeric(SE(m)), df = as.numeric(m$df), fmi = as.numeric(m$missinfo), vcov = as.numeric(vcov(m)))
}
pooled("imputed/mean", "MIcombine(svymean(~q1, d))", function(d) svymean(~q1, d))
pooled("imputed/mean_by_sex", "MIcombine(svyby(~q1, ~sex, d, svymean, covmat=TRUE))", function(d) svyby(~q1, ~sex, d, svymean, covmat = TRUE))
pooled("imputed/difference", "MIcombine(svycontrast(svyby(~q1, ~sex, d, svymean, covmat=TRUE), c(-1, 1)))", function(d) svycontrast(svyby(~q1, ~sex, d, svymean, covmat = TRUE), c(-1, 1)))
pooled("imputed/linear", "MIcombine(svyglm(q1~sex+age, d))", function(d) svyglm(q1 ~ sex + age, d))

write_json(list(survey = as.character(packageVersion("survey")), mitools = as.character(packageVersion("mitools")), r = R.version.string, rows = nrow(x), results = out), a[3], digits = 15, auto_unbox = TRUE)
cat(length(out), "results\n")
