# Cramer's V of two groups of the reference sample, what chance adds to its square (Rao & Scott 1981), and the limits,
# from the totals of svytotal, numerical derivatives and uniroot:
#   Rscript cramer_v.R r_survey/sample.csv     (R survey 4.1-1)
suppressMessages(library(survey))
d <- read.csv(commandArgs(TRUE)[1])
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d, nest = TRUE)

pair <- function(item, by, first, second) {
  s <- subset(design, !is.na(design$variables[[item]]) & design$variables[[by]] %in% c(first, second))
  answers <- sort(unique(s$variables[[item]]))
  k <- length(answers)
  for (j in seq_len(k)) {
    here <- s$variables[[item]] == answers[j]
    s$variables[[paste0("A", j)]] <- as.numeric(s$variables[[by]] == first & here)
    s$variables[[paste0("B", j)]] <- as.numeric(s$variables[[by]] == second & here)
  }
  names <- c(paste0("A", seq_len(k)), paste0("B", seq_len(k)))
  total <- svytotal(as.formula(paste("~", paste(names, collapse = "+"))), s)
  theta <- coef(total)
  V <- vcov(total)
  one <- seq_len(k)
  two <- k + one
  p <- theta[one] / sum(theta[one])
  q <- theta[two] / sum(theta[two])
  a <- sum(theta[one]) / sum(theta)
  whole <- a * p + (1 - a) * q
  J <- cbind(-(diag(k) - p %o% rep(1, k)) / sum(theta[one]), (diag(k) - q %o% rep(1, k)) / sum(theta[two]))
  S <- a * (1 - a) * (J %*% V %*% t(J)) / sqrt(whole %o% whole)
  m <- sum(diag(S))
  v <- 2 * sum(S * S)
  value <- function(x) {
    M <- rbind(x[one], x[two]) / sum(x)
    E <- outer(rowSums(M), colSums(M))
    sqrt(sum((M - E)^2 / E))
  }
  g <- sapply(seq_along(theta), function(i) {
    h <- replace(numeric(2 * k), i, theta[i] * 1e-5)
    (value(theta + h) - value(theta - h)) / (2 * h[i])
  })
  est <- value(theta)
  se <- sqrt(c(g %*% V %*% g))
  tq <- qt(0.975, degf(s) - 1)
  x <- est^2
  far <- function(y) (x - m - y)^2 - tq^2 * (4 * y * se^2 + v)
  high <- sqrt(uniroot(far, c(max(x - m, 0), 1), tol = 1e-15)$root)
  low <- if (x > m && far(0) > 0) sqrt(uniroot(far, c(0, x - m), tol = 1e-15)$root) else 0
  print(c(v = est, se = se, chance = m, variance = v, low = low, high = high), digits = 12)
}
pair("q1", "age", 1, 2)
pair("q4", "wave", 0, 1)
pair("yes", "kind", "business", "resident")
