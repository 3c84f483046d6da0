# Calibration in R `survey` on the simulated rows of rows.csv:  Rscript weighting.R rows.csv weighting.json
# Weights first (they are the same under every design), then what each of the six designs makes of them, then replicates
# that are calibrated one by one, then a response propensity.
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15, warn = 1)
a <- commandArgs(TRUE)
x <- read.csv(a[1], encoding = "UTF-8"); x$agef <- factor(x$age); x$cell <- interaction(x$sex, x$age)
for (k in 1:5) x[[paste0("a", k)]] <- as.numeric(x$q2 %in% k)
x$hh <- paste(x$cluster, (ave(x$rid, x$cluster, FUN = seq_along) + 1) %/% 2)  # households: pairs, in the order of rows
x$wh <- ave(x$w, x$hh)                                                       # who live together have one weight
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))
stat <- function(id, call, s) put(id, call, estimate = as.numeric(coef(s)), se = as.numeric(unlist(SE(s))))

# --- what is known of the population: the weighted sample, tilted -----------------------------------------------------
N <- sum(x$w)
tilt <- function(v, k) { t <- tapply(x$w, v, sum); t <- t * (1 + k * seq(-1, 1, length.out = length(t))); t / sum(t) * N }
ts <- tilt(x$sex, .12); ta <- tilt(x$age, .2); tw <- tilt(x$ward, -.1); tk <- tilt(x$kind, .08)
bend <- tapply(x$w, list(x$sex, x$age), sum) * rbind(c(1.15, .9, 1.05), c(.85, 1.1, 1.2)); bend <- bend / sum(bend) * N
trips <- 1.03 * sum(x$w * x$trips); people <- .97 * sum(x$w * x$people_total)
tg <- tapply(x$w * x$trips, x$ward, sum) * tw / tapply(x$w, x$ward, sum) * c(1.03, .98, 1.04)
sw <- tapply(x$w, list(x$ward, x$sex), sum) * rbind(c(.9, 1.1), c(1.12, .95), c(1, .93)); sw <- sw / rowSums(sw) * as.numeric(tw)
aw <- tapply(x$w, list(x$ward, x$age), sum) * rbind(c(.9, 1, 1.1), c(1.1, 1, .95), c(1.2, .9, 1)); aw <- aw / rowSums(aw) * as.numeric(tw)
rowwise <- function(m) as.numeric(t(m))  # the last variable runs fastest
put("targets", "population totals", sex = as.numeric(ts), age = as.numeric(ta), ward = as.numeric(tw), wards = names(tw),
    kind = as.numeric(tk), kinds = names(tk), sex_age = rowwise(bend), trips = trips, people_total = people,
    trips_of_ward = as.numeric(tg), ward_sex = rowwise(sw), ward_age = rowwise(aw))
put("households", "x$hh, x$wh", hh = x$hh, wh = x$wh)

margins <- c(`(Intercept)` = N, sex = ts[[2]], agef1 = ta[[2]], agef2 = ta[[3]])
with_trips <- c(margins, trips = trips); with_people <- c(margins, people_total = people)
of_wards <- c(as.numeric(tw), as.numeric(tg)); in_wards <- c(as.numeric(tw), sw[, 2], aw[, 2], aw[, 3])
sex_kind <- c(`(Intercept)` = N, sex = ts[[2]], kindresident = tk[[2]])
frame <- function(...) data.frame(..., stringsAsFactors = FALSE)
ma <- frame(age = 0:2, Freq = as.numeric(ta)); ms <- frame(sex = 0:1, Freq = as.numeric(ts))
msa <- frame(sex = rep(0:1, each = 3), age = rep(0:2, 2), Freq = rowwise(bend))
# 4.1 asks of raking's log factor whether it is inside the bounds of the factor; the answer here is right, and so Newton
# arrives at the same clipped factors in a few rounds
clipped <- make.calfun(function(u, bounds) pmin(pmax(exp(u), bounds$lower), bounds$upper) - 1,
                       function(u, bounds) ifelse(exp(u) < bounds$upper & exp(u) > bounds$lower, exp(u), 0), "clipped raking")
cal <- function(d, formula, population, calfun = "linear", ...) {
  names(population) <- colnames(model.matrix(formula, model.frame(d)))
  more <- if (inherits(d, "svyrep.design")) list(compress = FALSE)  # 4.1 stops at its own default
  do.call(calibrate, c(list(d, formula, population, calfun = calfun, epsilon = 1e-13, maxit = 500), more, list(...)))
}
both_wards <- ~0 + ward + ward:trips
by_ward <- ~0 + ward + ward:sex + ward:agef
known <- list(  # from a design to a calibrated one
  poststratify = function(d) postStratify(d, ~age, ma),
  poststratify_cells = function(d) postStratify(d, ~sex + age, msa),
  linear = function(d) cal(d, ~sex + agef, margins),
  raking = function(d) cal(d, ~sex + agef, margins, "raking"),
  logit = function(d) cal(d, ~sex + agef, margins, "logit", bounds = c(.5, 2)),
  logit_tight = function(d) cal(d, ~sex + agef, margins, "logit", bounds = c(.72, 1.35)),
  linear_bounded = function(d) cal(d, ~sex + agef, margins, bounds = c(.72, 1.3)),
  raking_bounded = function(d) cal(d, ~sex + agef, margins, clipped, bounds = c(.72, 1.3)),
  linear_trips = function(d) cal(d, ~sex + agef + trips, with_trips),
  raking_trips = function(d) cal(d, ~sex + agef + trips, with_trips, "raking"),
  logit_people = function(d) cal(d, ~sex + agef + people_total, with_people, "logit", bounds = c(.4, 2.5)),
  linear_trips_bounded = function(d) cal(d, ~sex + agef + trips, with_trips, bounds = c(.7, 1.3)),
  linear_trips_of_ward = function(d) cal(d, both_wards, of_wards),
  raking_trips_of_ward = function(d) cal(d, both_wards, of_wards, "raking"),
  linear_in_ward = function(d) cal(d, by_ward, in_wards),
  raking_in_ward = function(d) cal(d, by_ward, in_wards, "raking"),
  twice = function(d) cal(postStratify(d, ~age, ma), ~sex + kind, sex_kind, "raking"),
  twice_linear = function(d) cal(cal(d, ~sex + agef, margins), ~sex + kind, sex_kind))
trimmed <- function(d, upper, lower = 0, strict = TRUE) {
  m <- median(weights(d)); trimWeights(d, upper = upper * m, lower = lower * m, strict = strict)
}
after <- list(  # from a calibrated design to a trimmed one: what was calibrated, bounds in medians
  trim_raking = list("raking", 2), trim_raking_both = list("raking", 2, .6), trim_trips_both = list("linear_trips", 2.2, .5),
  trim_people = list("logit_people", 3), trim_twice_both = list("twice", 2.5, .5))

# --- one weight a household (Lemaitre & Dufour 1987): everybody has the household's mean of the calibration variables --
for (v in c("sex", "trips")) x[[paste0(v, "_hh")]] <- ave(as.numeric(x[[v]]), x$hh)
for (k in 1:2) x[[paste0("age", k, "_hh")]] <- ave(as.numeric(x$age == k), x$hh)
integrated <- list(
  integrated_linear = function(d) cal(d, ~sex_hh + age1_hh + age2_hh, margins),
  integrated_raking = function(d) cal(d, ~sex_hh + age1_hh + age2_hh, margins, "raking"),
  integrated_trips = function(d) cal(d, ~sex_hh + age1_hh + age2_hh + trips_hh, with_trips))

designs <- function(x, w) {
  x$w <- x[[w]]
  list(
    strat_clus = svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE),
    strat_clus_fpc = svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x, nest = TRUE),
    two_stage = svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x, nest = TRUE),
    element = svydesign(id = ~1, strata = ~stratum, weights = ~w, data = x),
    clus_only = svydesign(id = ~cluster, weights = ~w, data = x),
    unequal = svydesign(id = ~1, weights = ~w, data = x))
}
# a domain of valid answers; an answer outside it gets a 0, as R cannot residualise an NA of weight 0 after calibrate()
valid <- function(d, v) { d <- subset(d, !is.na(d$variables[[v]])); d$variables[[v]][is.na(d$variables[[v]])] <- 0; d }
verbs <- function(p, d) {
  s <- function(id, call, e) stat(paste(p, id, sep = "/"), call, e)
  s("mean", "svymean(~q1, d, na.rm=TRUE)", svymean(~q1, d, na.rm = TRUE))
  s("total", "svytotal(~trips, d)", svytotal(~trips, d))
  s("total_yes", "svytotal(~yes, d, na.rm=TRUE)", svytotal(~yes, d, na.rm = TRUE))
  s("ratio", "svyratio(~minutes, ~trips, subset(d, sex==1), na.rm=TRUE)", svyratio(~minutes, ~trips, subset(valid(d, "minutes"), sex == 1)))
  s("mean_by_ward", "svyby(~q1, ~ward, subset(d,!is.na(q1)), svymean)", svyby(~q1, ~ward, valid(d, "q1"), svymean))
  s("distribution_by_kind", "svyby(~(q2==1)+...+(q2==5), ~kind, subset(d,!is.na(q2)), svymean)", svyby(~a1 + a2 + a3 + a4 + a5, ~kind, valid(d, "q2"), svymean))
  g <- svyglm(minutes ~ agef + sex * kind, d); m <- summary(g)$coefficients
  put(paste(p, "linear", sep = "/"), "svyglm(minutes~factor(age)+sex*kind, d)", estimate = m[, 1], se = m[, 2], df = g$df.residual)
}
plain <- designs(x, "w"); shared <- designs(x, "wh")
once <- trimmed(known$raking(plain$strat_clus), 2, strict = FALSE)
put("weights/trim_raking_once", "trimWeights(raking, upper=2*median, strict=FALSE): the first round of trim_raking", weights = weights(once))
say <- function(f) paste(trimws(deparse(body(f), width.cutoff = 500)), collapse = " ")
stopifnot(max(abs(weights(cal(svydesign(id = ~psu + hh, strata = ~stratum, weights = ~wh, data = x, nest = TRUE), ~sex + agef, margins,
                              aggregate.stage = 2)) / weights(integrated$integrated_linear(shared$strat_clus)) - 1)) < 1e-12)
for (n in names(plain)) {
  for (k in c(names(known), names(integrated), names(after))) {
    d <- if (k %in% names(known)) known[[k]](plain[[n]]) else if (k %in% names(integrated)) integrated[[k]](shared[[n]]) else {
      t <- after[[k]]; do.call(trimmed, c(list(known[[t[[1]]]](plain[[n]])), t[-1])) }
    if (n == "strat_clus") {
      call <- if (k %in% names(after)) paste("trimmed to", deparse(after[[k]])) else say(c(known, integrated)[[k]])
      put(paste0("weights/", k), call, weights = weights(d))
      if (k %in% names(after)) put(paste0("median/", k), "median(weights(d)) before trimming", median = median(weights(known[[after[[k]][[1]]]](plain[[n]]))))
    }
    verbs(paste(n, k, sep = "/"), d)
    if (grepl("twice", k)) {  # R takes the calibrations off from the first to the last; here from the last to the first
      d$postStrata <- rev(d$postStrata); verbs(paste(n, k, "reversed", sep = "/"), d)
    }
    if (k == "twice") { d$postStrata <- rev(d$postStrata)
      stat(paste(n, k, "known_total", sep = "/"), "svytotal(~sex, d), which calibrate() has just fixed", svytotal(~sex, d)) }
  }
}

# --- replicates, calibrated one by one --------------------------------------------------------------------------------
x2 <- x[ave(x$psu, x$stratum, FUN = function(p) match(p, unique(p))) <= 2, ]  # two clusters a stratum
two <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x2, nest = TRUE)
share <- sum(x2$w) / N
set.seed(20240820)
boot <- as.svrepdesign(plain$strat_clus, type = "subbootstrap", replicates = 30, compress = FALSE, mse = TRUE)
first <- !duplicated(x$cluster)
multipliers <- function(id, r, first, x) put(paste0("replicates/", id), "multipliers of the weights, a row for each cluster; scale, rscales",
  clusters = x$cluster[first], multipliers = as.matrix(r$repweights)[first, ], scale = r$scale, rscales = rep_len(r$rscales, ncol(r$repweights)))
multipliers("bootstrap", boot, first, x)
balanced <- as.svrepdesign(two, type = "BRR", compress = FALSE, mse = TRUE)
multipliers("BRR", balanced, !duplicated(x2$cluster), x2)
R <- list(
  strat_clus_JKn = as.svrepdesign(plain$strat_clus, type = "JKn", compress = FALSE, mse = TRUE),
  element_JKn = as.svrepdesign(plain$element, type = "JKn", compress = FALSE, mse = TRUE),
  clus_only_JK1 = as.svrepdesign(plain$clus_only, type = "JK1", compress = FALSE, mse = TRUE),
  unequal_JK1 = as.svrepdesign(plain$unequal, type = "JK1", compress = FALSE, mse = TRUE),
  strat_clus_JKn_centred = as.svrepdesign(plain$strat_clus, type = "JKn", compress = FALSE, mse = FALSE),
  strat_clus_bootstrap = boot)
some <- function(p, call, r, by_ward = TRUE) {
  stat(paste0(p, "/mean"), paste("svymean(~q1, d, na.rm=TRUE), d =", call), svymean(~q1, r, na.rm = TRUE))
  stat(paste0(p, "/total"), paste("svytotal(~trips, d), d =", call), svytotal(~trips, r))
  stat(paste0(p, "/total_yes"), paste("svytotal(~yes, d, na.rm=TRUE), d =", call), svytotal(~yes, r, na.rm = TRUE))
  stat(paste0(p, "/ratio"), paste("svyratio(~minutes, ~trips, d, na.rm=TRUE), d =", call), svyratio(~minutes, ~trips, subset(r, !is.na(minutes))))
  if (by_ward) stat(paste0(p, "/mean_by_ward"), paste("svyby(~q1, ~ward, subset(d,!is.na(q1)), svymean), d =", call), svyby(~q1, ~ward, subset(r, !is.na(q1)), svymean))
}
wide <- function(d) cal(d, ~sex + agef, margins, "logit", bounds = c(.3, 3))
again <- list(poststratify = known$poststratify, linear = known$linear, raking = known$raking, logit_wide = wide,
              linear_trips = known$linear_trips, raking_trips_of_ward = known$raking_trips_of_ward, twice = known$twice,
              raked = function(d) rake(d, list(~sex, ~age), list(ms, ma), control = list(maxit = 500, epsilon = 1e-14)))
for (n in names(R)) {
  some(paste("replicate", n, "plain", sep = "/"), "as.svrepdesign(...)", R[[n]])
  for (k in names(again)) some(paste("replicate", n, k, sep = "/"), say(again[[k]]), again[[k]](R[[n]]))
}
small <- list(  # the population of the two clusters a stratum, some of whose half-samples have nobody of a ward
  poststratify = function(d) postStratify(d, ~sex, frame(sex = 0:1, Freq = as.numeric(ts) * share)),
  raking = function(d) cal(d, ~sex + agef, margins * share, "raking"),
  linear = function(d) cal(d, ~sex + agef, margins * share))
put("replicates/share", "sum of the weights of the first two clusters a stratum / N", share = share)
some("replicate/BRR/plain", "as.svrepdesign(d, type='BRR', mse=TRUE), first two clusters a stratum", balanced, FALSE)
for (k in names(small)) some(paste("replicate/BRR", k, sep = "/"), say(small[[k]]), small[[k]](balanced), FALSE)

# integrated, replicate by replicate
hh <- as.svrepdesign(shared$strat_clus, type = "JKn", compress = FALSE, mse = TRUE)
for (k in names(integrated)) some(paste("replicate/strat_clus_JKn", k, sep = "/"), say(integrated[[k]]), integrated[[k]](hh))

# --- non-response: everybody drawn is in the design, the adjustment made anew in every replicate ----------------------
x$resp <- (x$rid * 7) %% 5 != 0
exact <- glm.control(epsilon = 1e-14, maxit = 100)
classes <- function(w, class) ave(w, class, FUN = sum) / ave(w * x$resp, class, FUN = sum) * w * x$resp
chance <- function(w) {  # glm() starts from the weights and runs off with large ones: start from equal chances
  x$ww <- w / mean(w)
  fitted(glm(resp ~ sex + agef + ward, family = quasibinomial, weights = ww, data = x, control = exact, start = rep(0, 6)))
}
response <- list(ward = function(w) classes(w, x$ward), cell = function(w) classes(w, x$cell),
                 propensity = function(w) w * x$resp / chance(w))
rule <- "respondents are rows with (rid * 7) % 5 != 0; their weights are multiplied by sum of weights / sum of respondents' weights in the ward (or cell of sex x age), or by 1 / propensity (propensity/glm)"
for (how in names(response)) put(paste0("nonresponse/weights/", how), rule, weights = response[[how]](x$w))
for (n in c("strat_clus_JKn", "clus_only_JK1", "strat_clus_bootstrap")) {
  r <- R[[n]]; full <- as.matrix(r$repweights) * x$w
  for (how in names(response)) {
    x$wr <- response[[how]](x$w); W <- apply(full, 2, response[[how]])
    d <- svrepdesign(data = x[x$resp, ], weights = ~wr, repweights = W[x$resp, ], type = "other", combined.weights = TRUE,
                     scale = r$scale, rscales = rep_len(r$rscales, ncol(W)), mse = TRUE)
    some(paste("nonresponse", n, how, sep = "/"), "svrepdesign(respondents)", d)
    some(paste("nonresponse", n, how, "raked", sep = "/"), "calibrate(svrepdesign(respondents), ~sex+factor(age), calfun='raking')", known$raking(d))
  }
}
# The same by linearisation: the total of row values z over everybody drawn, its error by R's svytotal. z comes from u, the
# influence of a respondent, by taking off what raking explains, then adding what the response adjustment knows of others
# (classes: Sarndal, Swensson & Wretman 1992, ch. 15; propensity: Kim & Kim 2007, Canadian Journal of Statistics 35).
mx <- model.matrix(~sex + agef, x); mp <- model.matrix(~sex + agef + ward, x)
influence <- list(
  mean = function(w) { k <- x$resp & !is.na(x$q1); y <- ifelse(k, x$q1, 0); m <- sum(w * y) / sum(w[k]); list(m, k * (y - m) / sum(w[k])) },
  total = function(w) list(sum(w * x$trips), x$resp * x$trips),
  total_yes = function(w) { y <- ifelse(x$resp & !is.na(x$yes), x$yes, 0); list(sum(w * y), y) },
  ratio = function(w) { k <- x$resp & !is.na(x$minutes); y <- ifelse(k, x$minutes, 0); t <- sum(w * k * x$trips); m <- sum(w * y) / t
    list(m, k * (y - m * x$trips) / t) })
for (how in names(response)) for (raked in c(FALSE, TRUE)) {
  w1 <- w2 <- response[[how]](x$w); on <- x$resp; p <- if (how == "propensity") chance(x$w)
  if (raked) { x$wr <- w1; w2[on] <- weights(known$raking(svydesign(id = ~1, weights = ~wr, data = x[on, ]))) }
  for (verb in names(influence)) {
    u <- influence[[verb]](w2); e <- u[[2]]  # a value for each respondent, to be weighted with w1 from here on
    if (raked) { b <- solve(crossprod(mx[on, ] * sqrt(w1[on])), crossprod(mx[on, ], (w1 * e)[on])); e <- ifelse(on, w2 / w1 * (e - mx %*% b), 0) }
    z <- if (how == "propensity") {
      gamma <- solve(crossprod(mp * sqrt(x$w * p * (1 - p))), crossprod(mp, x$w * on * e * (1 - p) / p))
      drop(on * e / p - (on - p) * (mp %*% gamma))
    } else { f <- ave(x$w, x[[how]], FUN = sum) / ave(x$w * on, x[[how]], FUN = sum); m <- ave(w1 * e, x[[how]], FUN = sum) / ave(w1, x[[how]], FUN = sum); on * f * (e - m) + m }
    for (n in names(plain)) { d <- plain[[n]]; d$variables$z <- z
      put(paste(c("nonresponse", n, how, if (raked) "raked", verb), collapse = "/"), "svytotal(~z, d), everybody drawn", estimate = u[[1]], se = as.numeric(SE(svytotal(~z, d)))) }
  }
}

# --- response propensity ----------------------------------------------------------------------------------------------
g <- glm(resp ~ sex + agef + ward, family = quasibinomial, weights = w, data = x, control = exact)
put("propensity/glm", "glm(resp ~ sex + factor(age) + ward, quasibinomial, weights=w)", names = names(coef(g)), estimate = coef(g), fitted = fitted(g))
for (n in names(plain)) {
  d <- update(plain[[n]], resp = as.numeric((rid * 7) %% 5 != 0))
  g <- svyglm(resp ~ sex + agef + ward, d, family = quasibinomial, control = exact)
  put(paste0("propensity/svyglm/", n), "svyglm(resp ~ sex + factor(age) + ward, d, family=quasibinomial)", estimate = coef(g), se = SE(g))
}
g <- glm(resp ~ sex * agef, family = quasibinomial, weights = w / mean(w), data = x, control = exact, start = rep(0, 6))
put("propensity/saturated", "glm(resp ~ sex * factor(age), quasibinomial, weights=w/mean(w), start=0): the cells' response rates", fitted = fitted(g))

# --- Kalton & Flores-Cervantes (2003): R's own answer to the example of a 3 x 4 table ---------------------------------
kf <- data.frame(row = rep(1:3, each = 4), column = rep(1:4, 3), n = c(20, 50, 100, 30, 40, 140, 50, 100, 40, 310, 50, 70),
                 N = c(80, 60, 170, 55, 40, 150, 60, 165, 55, 340, 200, 125))
kx <- kf[rep(1:12, kf$n), ]; kx$w <- 1; kx$r <- factor(kx$row); kx$c <- factor(kx$column)
kd <- svydesign(id = ~1, weights = ~w, data = kx); kp <- c(sum(kf$N), tapply(kf$N, kf$row, sum)[-1], tapply(kf$N, kf$column, sum)[-1])
cells <- function(id, call, d) put(paste0("kalton/", id), call, multipliers = as.numeric(t(tapply(weights(d), list(kx$row, kx$column), mean))))
cells("poststratified", "postStratify(d, ~row+column)", postStratify(kd, ~row + column, data.frame(row = kf$row, column = kf$column, Freq = kf$N)))
cells("raked", "calibrate(d, ~factor(row)+factor(column), calfun='raking')", cal(kd, ~r + c, kp, "raking"))
cells("linear", "calibrate(d, ~factor(row)+factor(column))", cal(kd, ~r + c, kp))
cells("logit", "calibrate(d, ~factor(row)+factor(column), calfun='logit', bounds=c(.5,2.2))", cal(kd, ~r + c, kp, "logit", bounds = c(.5, 2.2)))
write_json(list(survey = as.character(packageVersion("survey")), r = R.version.string, rows = nrow(x), results = out), a[2], digits = 15, auto_unbox = TRUE)
cat(length(out), "results\n")
