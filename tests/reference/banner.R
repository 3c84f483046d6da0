# Columns of a banner table: sums of answers, means of codes, tests of columns, effective bases.
# Rscript banner.R > banner.json
suppressMessages({library(survey); library(jsonlite)})
n <- 480; i <- 0:(n - 1)
d <- data.frame(stratum = i %/% 120 + 1, psu = i %/% 6 + 1, w = 1 + (i * 7) %% 11 / 4, age = 1 + (i * 3 + i %/% 7) %% 4)
d$y <- 1 + pmin(4, ((i * i + 2 * d$age + i %/% 6) %% 5 + d$age - 1) %/% 2 + (i %% 3 == 0))
des <- svydesign(~psu, strata = ~stratum, weights = ~w, data = d)
rows <- c(lapply(1:5, function(a) as.numeric(d$y == a)), list(as.numeric(d$y >= 4), as.numeric(d$y <= 2), d$y))
names(rows) <- c(paste0("answer", 1:5), "top", "bottom", "mean")
pairs <- combn(4, 2)
out <- lapply(rows, function(v) {
  e <- svyby(~v, ~age, update(des, v = v), svymean, covmat = TRUE)
  p <- apply(pairs, 2, function(k) {
    w <- rep(0, 4); w[k] <- c(-1, 1)
    s <- svycontrast(e, w)
    if (any(coef(e)[k] %in% c(0, 1))) return(NA)  # a share of 0 or 1 is not tested
    2 * pt(-abs(coef(s) / SE(s)), degf(subset(des, age %in% k)) - 1)
  })
  list(estimate = unname(coef(e)), std_error = unname(SE(e)), p = unname(p))
})
p <- unlist(lapply(out, `[[`, "p"))
q <- p.adjust(p, "holm")
higher <- lapply(seq_along(out), function(r) {
  found <- rep("", 4)
  for (k in 1:6) {
    at <- (r - 1) * 6 + k
    if (is.na(q[at]) || q[at] >= 0.05) next
    ends <- pairs[, k]; e <- out[[r]]$estimate[ends]
    high <- ends[which.max(e)]; low <- ends[which.min(e)]
    found[high] <- trimws(paste(found[high], LETTERS[low]))
  }
  found
})
names(higher) <- names(out)
effective <- sapply(1:4, function(a) {
  s <- subset(des, age == a)
  m <- svymean(~factor(y, levels = sort(unique(s$variables$y))), s, deff = "replace")
  nrow(s) / (sum((1 - coef(m)) * deff(m)) / (length(coef(m)) - 1))
})
write(toJSON(list(rows = out, higher_than = higher, adjusted = q, effective = effective,
  weighted = as.numeric(tapply(d$w, d$age, sum)), y = d$y), digits = NA, auto_unbox = TRUE, pretty = FALSE), stdout())
