# Right numbers for the samples of a version:  Rscript expected.R 0.1
# R `survey` 4.1-1 on samples/people.csv; non-response by the formulas of docs/statistics.md, written out.
suppressMessages({library(survey); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
all <- read.csv(file.path(folder, "samples", "people.csv")); all$r <- all$disposition == "I"
x <- all[all$r, ]; x$agef <- factor(x$age); x$sexf <- factor(x$sex)
d <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = x)
out <- list()
put <- function(name, s, how) out[[name]] <<- list(estimate = unname(coef(s)), std_error = as.numeric(SE(s)), how = how)
put("weights", svymean(~q, svydesign(id = ~1, weights = ~w, data = x)), "svydesign(id=~1, weights=~w)")
put("clusters", svymean(~q, svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~clusters_total, data = x)), "fpc=~clusters_total")
put("two_stages", svymean(~q, svydesign(id = ~psu + rid, strata = ~stratum, weights = ~w, fpc = ~clusters_total + people_total, data = x)), "fpc=~clusters_total+people_total")
age <- c(240, 180, 180); pop <- c("(Intercept)" = 600, sexf1 = 300, agef2 = 180, agef3 = 180)
put("raked", svymean(~q, calibrate(d, ~sexf + agef, pop, calfun = "raking", epsilon = 1e-12, maxit = 200)), "calibrate(calfun='raking')")
put("calibrated", svymean(~q, calibrate(d, ~sexf + agef, pop, calfun = "linear")), "calibrate(calfun='linear')")
put("poststratified", svymean(~q, postStratify(d, ~agef, data.frame(agef = factor(1:3), Freq = age))), "postStratify")
over <- x$w > 15 # what is cut off goes to the others in proportion to their weights, until nobody is above
repeat { k <- (sum(x$w) - 15 * sum(over)) / sum(x$w[!over]); more <- over | x$w * k > 15; if (all(more == over)) break; over <- more }
x$wt <- ifelse(over, 15, x$w * k)
put("trimmed", svymean(~q, svydesign(id = ~psu, strata = ~stratum, weights = ~wt, data = x)), "weights=min(15, k w) with the sum as before")
put("scaled", svymean(~q, d), "svydesign(id=~psu, strata=~stratum, weights=~w); scaling changes no mean")
put("jackknife", svymean(~q, as.svrepdesign(d, type = "JKn", mse = TRUE)), "as.svrepdesign(type='JKn', mse=TRUE)")
put("columns", svymean(~q, as.svrepdesign(svydesign(id = ~psu, weights = ~w, data = x), type = "JK1", mse = TRUE)), "as.svrepdesign(type='JK1', mse=TRUE)")
out$bootstrap_raked <- list(estimate = out$raked$estimate, how = "as raked; the standard error depends on the draw")
y <- ifelse(all$r, all$q, 0)
se_of <- function(z) { all$z <- z; as.numeric(SE(svytotal(~z, svydesign(id = ~psu, strata = ~stratum, weights = ~1, data = all)))) }
f <- ave(all$w, all$age, FUN = sum) / ave(all$w * all$r, all$age, FUN = sum)
w1 <- all$w * f * all$r; m <- sum(w1 * y) / sum(w1); u <- (y - m) / sum(w1)
ub <- ave(all$w * all$r * u, all$age, FUN = sum) / ave(all$w * all$r, all$age, FUN = sum)
out$classes <- list(estimate = m, std_error = se_of(all$w * ifelse(all$r, f * (u - ub) + ub, ub)), how = "w [f (u - ubar) + ubar], w ubar")
g <- suppressWarnings(glm(r ~ factor(age) + sex, family = quasibinomial, weights = w, data = all, control = glm.control(epsilon = 1e-14, maxit = 100)))
p <- fitted(g); X <- model.matrix(g); w2 <- all$w / p * all$r; m <- sum(w2 * y) / sum(w2); u <- (y - m) / sum(w2)
B <- solve(crossprod(X, X * all$w * p * (1 - p)), crossprod(X, all$w * all$r * (1 - p) / p * u))
out$propensity <- list(estimate = m, std_error = se_of(w2 * u - all$w * (all$r - p) * drop(X %*% B)), how = "w' u - w (r - p) x'B, Binder (1983)")
b <- svyby(~q, ~sex, d, svymean, covmat = TRUE); k <- svycontrast(b, c(-1, 1))
out$by_sex <- list(sex = b$sex, estimate = unname(coef(b)), std_error = unname(SE(b)), how = "svyby(~q, ~sex, d, svymean, covmat=TRUE)")
out$women_men <- list(estimate = as.numeric(coef(k)), std_error = as.numeric(SE(k)), how = "svycontrast(b, c(-1, 1))")
out$answers <- list(estimate = unname(coef(svymean(~factor(q), d))), std_error = unname(SE(svymean(~factor(q), d))), how = "svymean(~factor(q), d)")
write(toJSON(list(survey = as.character(packageVersion("survey")), r = R.version.string, results = out), auto_unbox = TRUE, digits = 15, pretty = 1), file.path(folder, "expected.json"))
