# Regressions of R `survey` on the simulated rows of rows.csv:  Rscript models.R rows.csv models.json
# Average marginal effects are not in `survey`: their influence values are taken here as derivatives by each weight.
suppressMessages({library(survey); library(jsonlite); library(emmeans)})
options(digits = 15)
a <- commandArgs(TRUE)
x <- read.csv(a[1], encoding = "UTF-8"); x$agef <- factor(x$age); x$kindf <- factor(x$kind)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))
tight <- glm.control(epsilon = 1e-14, maxit = 200)

D <- list(
  strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
  strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
  two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
  element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
  clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
  unequal = svydesign(id = ~1, weights = ~w, data = x))
N <- sum(x$w)
tilt <- function(v, k) { t <- tapply(x$w, v, sum); t <- t * (1 + k * seq(-1, 1, length.out = length(t))); t / sum(t) * N }
ts <- tilt(x$sex, .12); ta <- tilt(x$age, .2)
put("targets", "population margins", sex = as.numeric(ts), age = as.numeric(ta))
pop <- c(`(Intercept)` = N, sex = as.numeric(ts[2]), agef1 = as.numeric(ta[2]), agef2 = as.numeric(ta[3]))

model <- function(id, call, g, terms = list()) {
  m <- summary(g)$coefficients
  put(id, call, names = rownames(m), estimate = m[, 1], se = m[, 2], p = m[, 4], df = g$df.residual, vcov = as.numeric(vcov(g)))
  for (t in names(terms)) {
    r <- regTermTest(g, terms[[t]])
    put(paste0(id, "/test/", t), paste0("regTermTest(", deparse(terms[[t]]), ")"), statistic = as.numeric(r$Ftest), df = r$df, ddf = r$ddf, p = as.numeric(r$p))
  }
}
# the derivative of a statistic by each weight, and the standard error of the total of w times it
by_weights <- function(id, call, d, theta, used) {
  w <- weights(d, "sampling"); u <- matrix(0, length(w), length(theta(w)))
  for (i in which(used & w > 0)) {
    h <- 1e-3 * w[i]; up <- down <- up2 <- down2 <- w
    up[i] <- w[i] + h; down[i] <- w[i] - h; up2[i] <- w[i] + 2 * h; down2[i] <- w[i] - 2 * h
    u[i, ] <- (8 * (theta(up) - theta(down)) - (theta(up2) - theta(down2))) / (12 * h)
  }
  e <- update(d, u = u); v <- svytotal(~u, e)
  put(id, call, estimate = theta(w), se = as.numeric(SE(v)))
}
fit <- function(f, data, w, family) { data$.w <- w; suppressWarnings(glm(f, data = data[data$.w > 0, ], weights = .w, family = family, control = tight)) }
over <- function(p, w) sum(w * p) / sum(w)

F1 <- yes ~ q2 + sex + agef + group * wave
F2 <- minutes ~ agef * kindf + log(trips + 1) + I(q2^2)
used1 <- complete.cases(x[c("yes", "q2", "sex", "agef", "group", "wave")]); used2 <- complete.cases(x[c("minutes", "agef", "kindf", "trips", "q2")])
ame1 <- function(data, w) { # sex, age 1, age 2, q2, group at wave 1 alone
  data <- data[used1, ]; w <- w[used1]; g <- fit(F1, data, w, quasibinomial()); b <- coef(g)
  p <- function(...) { n <- data; v <- list(...); for (k in names(v)) n[[k]] <- if (k == "agef") factor(v[[k]], levels = levels(x$agef)) else v[[k]]; predict(g, n, type = "response") }
  q <- predict(g, data, type = "response"); one <- data$wave == 1
  c(over(p(sex = 1) - p(sex = 0), w), over(p(agef = "1") - p(agef = "0"), w), over(p(agef = "2") - p(agef = "0"), w),
    over(b["q2"] * q * (1 - q), w), over((p(group = 1) - p(group = 0))[one], w[one]))
}
ame2 <- function(data, w) { # age 1 and 2, kind, trips, q2
  data <- data[used2, ]; w <- w[used2]; g <- fit(F2, data, w, gaussian()); b <- coef(g)
  p <- function(...) { n <- data; v <- list(...); for (k in names(v)) n[[k]] <- factor(v[[k]], levels = levels(x[[k]])); predict(g, n) }
  c(over(p(agef = "1") - p(agef = "0"), w), over(p(agef = "2") - p(agef = "0"), w), over(p(kindf = "resident") - p(kindf = "business"), w),
    over(b["log(trips + 1)"] / (data$trips + 1), w), over(2 * b["I(q2^2)"] * data$q2, w))
}
pm1 <- function(data, w) { # predicted share: everyone; sex 1 and age 2; by wave with group 1
  data <- data[used1, ]; w <- w[used1]; g <- fit(F1, data, w, quasibinomial())
  n <- data; n$sex <- 1; n$agef <- factor("2", levels = levels(x$agef)); m <- data; m$group <- 1; p <- predict(g, m, type = "response")
  c(over(predict(g, data, type = "response"), w), over(predict(g, n, type = "response"), w), over(p[data$wave == 0], w[data$wave == 0]), over(p[data$wave == 1], w[data$wave == 1]))
}
at <- data.frame(q2 = c(1, 4), sex = c(0, 1), agef = factor(c("0", "2"), levels = levels(x$agef)), group = c(1, 0), wave = c(0, 1))

every <- function(p, d) {
  g1 <- svyglm(F1, d, family = quasibinomial(), control = tight)
  model(paste0(p, "/logistic"), "svyglm(yes~q2+sex+factor(age)+group*wave, d, family=quasibinomial)", g1, list(age = ~agef, sex_age = ~sex + agef, interaction = ~group:wave))
  g2 <- svyglm(F2, d)
  model(paste0(p, "/linear"), "svyglm(minutes~factor(age)*kind+log(trips+1)+I(q2^2), d)", g2, list(age_kind = ~agef:kindf, kind = ~kindf))
  r <- predict(g1, at, type = "response", se.fit = TRUE)
  put(paste0(p, "/predict"), "predict(logistic, at, type='response')", estimate = as.numeric(r), se = as.numeric(SE(r)))
  by_weights(paste0(p, "/ame_logistic"), "derivatives of average marginal effects by the weights", d, function(w) ame1(x, w), used1)
  by_weights(paste0(p, "/ame_linear"), "derivatives of average marginal effects by the weights", d, function(w) ame2(x, w), used2)
  by_weights(paste0(p, "/margins_logistic"), "derivatives of predicted margins by the weights", d, function(w) pm1(x, w), used1)
}
for (n in names(D)) every(n, D[[n]])
raked <- calibrate(D$strat_clus, ~sex + agef, pop, calfun = "raking", epsilon = 1e-12, maxit = 500)
every("raked", raked)
every("raked_element", calibrate(D$element, ~sex + agef, pop, calfun = "raking", epsilon = 1e-12, maxit = 500))
d <- D$strat_clus
model("business", "svyglm(yes~sex+wave, subset(d, kind=='business'), family=quasibinomial)", svyglm(yes ~ sex + wave, subset(d, kind == "business"), family = quasibinomial(), control = tight))
model("through_zero", "svyglm(minutes~0+factor(age)+sex, d)", svyglm(minutes ~ 0 + agef + sex, d))

# an empty cell of an interaction, and a term that others already say: R leaves coefficients out
e <- subset(d, !(age == 2 & kind == "business")); x$half <- x$sex / 2
g <- svyglm(minutes ~ agef * kindf, e); m <- summary(g)$coefficients
put("empty_cell", "svyglm(minutes~factor(age)*kind, subset(d, !(age==2 & kind=='business')))", names = rownames(m), estimate = m[, 1], se = m[, 2], df = g$df.residual, all = length(coef(g)))
g <- svyglm(minutes ~ sex + half + wave, update(d, half = sex / 2)); m <- summary(g)$coefficients
put("aliased", "svyglm(minutes~sex+half+wave, update(d, half=sex/2))", names = rownames(m), estimate = m[, 1], se = m[, 2], df = g$df.residual, all = length(coef(g)))

# replicates: the model is fitted again in each
r <- as.svrepdesign(d, type = "JKn", mse = TRUE)
model("jackknife/logistic", "svyglm(..., as.svrepdesign(d,'JKn',mse=TRUE))", svyglm(F1, r, family = quasibinomial(), control = tight), list(age = ~agef))
model("jackknife/linear", "svyglm(..., as.svrepdesign(d,'JKn',mse=TRUE))", svyglm(F2, r))
j <- withReplicates(r, function(w, data) ame1(data, w))
put("jackknife/ame_logistic", "withReplicates(average marginal effects)", estimate = as.numeric(j), se = as.numeric(SE(j)))
rc <- calibrate(r, ~sex + agef, pop, calfun = "raking", epsilon = 1e-12, maxit = 500)
model("jackknife_raked/logistic", "svyglm(..., calibrate(as.svrepdesign(d,'JKn',mse=TRUE)))", svyglm(F1, rc, family = quasibinomial(), control = tight))
r <- as.svrepdesign(d, type = "JKn", mse = FALSE)
model("jackknife_mean/linear", "svyglm(..., as.svrepdesign(d,'JKn',mse=FALSE))", svyglm(F2, r))

# predictive margins, and the two parts of R's variance; every combination of values by emmeans
m <- svyglm(yes ~ q2 + sex, d, family = quasibinomial(), control = tight)
s <- svypredmeans(m, ~agef); v <- attr(vcov(s), "parts")
o <- order(names(coef(s)))
put("predmeans", "svypredmeans(svyglm(yes~q2+sex), ~factor(age))", names = names(coef(s))[o], estimate = as.numeric(coef(s))[o], coefficients = diag(v[[1]])[o], people = diag(as.matrix(v[[2]]))[o])
g <- svyglm(yes ~ q2 + sex * agef, d, family = quasibinomial(), control = tight)
em <- as.data.frame(summary(emmeans(g, ~ sex * agef, at = list(q2 = 3, sex = c(0, 1)), type = "response")))
put("emmeans", "emmeans(svyglm(yes~q2+sex*factor(age)), ~sex*age, at=list(q2=3), type='response')", sex = em$sex, age = as.integer(as.character(em$agef)), estimate = em$prob, se = em$SE, low = em$asymp.LCL, df = em$df)
write_json(list(survey = as.character(packageVersion("survey")), emmeans = as.character(packageVersion("emmeans")), r = R.version.string, results = out), a[2], digits = 15, auto_unbox = TRUE, pretty = TRUE)
cat(length(out), "results\n")
