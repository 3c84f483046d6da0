# Breakdowns side by side: joint covariance and Wald tests of equality. Rscript over.R > over.json
suppressMessages({library(survey); library(jsonlite)})
n <- 240; i <- 0:(n - 1)
d <- data.frame(
  stratum = i %/% 60 + 1, psu = i %/% 6 + 1, w = 1 + (i * 7) %% 11 / 4,
  sex = 1 + (i * 5 + i %/% 3) %% 2, age = 1 + (i * 3 + i %/% 7) %% 4, wave = 1 + (i %/% 6) %% 2
)
d$y <- 1 + (i * i + 3 * d$age + i %/% 6) %% 5
d$z <- (i * 37) %% 101 + 4 * d$sex + 2 * (d$psu %% 5)
des <- svydesign(~psu, strata = ~stratum, weights = ~w, data = d)
cal <- calibrate(des, ~factor(sex), c("(Intercept)" = 500, "factor(sex)2" = 230), calfun = "raking")

term <- function(des, y, by) {
  by <- paste0("interaction(", paste(by, collapse = ","), ")")
  m <- svyglm(as.formula(paste0(y, "~", by)), design = des)
  t <- regTermTest(m, as.formula(paste0("~", by)))
  list(statistic = as.numeric(t$Ftest), df_num = t$df, df = t$ddf, p_value = as.numeric(t$p))
}
# influence values of domain means, whose totals have the joint covariance of means of different breakdowns
joint <- function(des) {
  groups <- cbind(1, d$sex == 1, d$sex == 2, d$age == 1, d$age == 2, d$age == 3, d$age == 4)
  u <- apply(groups, 2, function(g) {
    w <- weights(des) * g
    g * (d$z - sum(w * d$z) / sum(w)) / sum(w)
  })
  unname(vcov(svytotal(u, des)))
}
wald <- function(theta, v, q, df) {
  w <- as.numeric(t(theta) %*% solve(v) %*% theta) / q
  list(statistic = w, df_num = q, df = df, p_value = pf(w, q, df, lower.tail = FALSE))
}
b <- svyby(~factor(y), ~sex, des, svymean, covmat = TRUE)
k <- matrix(0, 4, 10)
for (a in 1:4) k[a, 2 * a - 1:0] <- c(-1, 1)
v <- joint(cal)
m <- coef(svyby(~z, ~age, cal, svymean))
c3 <- cbind(-1, diag(3))
jkn <- as.svrepdesign(des, type = "JKn", mse = TRUE)
write(toJSON(list(
  tests = list(
    "y sex" = term(des, "y", "sex"), "y age" = term(des, "y", "age"), "z sex" = term(des, "z", "sex"),
    "z age" = term(des, "z", "age"), "z sex:age" = term(des, "z", c("sex", "age")),
    "z age wave 1" = term(subset(des, wave == 1), "z", "age"),
    "z age wave 2" = term(subset(des, wave == 2), "z", "age"),
    "z age JKn" = term(jkn, "z", "age"),
    "z age raked" = wald(c3 %*% m, c3 %*% v[4:7, 4:7] %*% t(c3), 3, degf(des) - 3),
    "y sex distribution" = wald(k %*% coef(b), k %*% vcov(b) %*% t(k), 4, degf(des) - 4)
  ),
  covariance = joint(des), covariance_raked = v
), digits = NA, auto_unbox = TRUE, pretty = TRUE), stdout())
