# Simultaneous confidence limits of all pairs of group means, as multcomp computes them from means and their covariance:
# Rscript comparisons.R means.csv covariance.csv df
suppressPackageStartupMessages({
  library(multcomp)
})
given <- commandArgs(trailingOnly = TRUE)
means <- scan(given[1], quiet = TRUE)
covariance <- as.matrix(read.csv(given[2], header = FALSE))
set.seed(1)
started <- proc.time()[["elapsed"]]
pairs <- glht(parm(means, covariance, df = as.numeric(given[3])), linfct = contrMat(rep(1, length(means)), "Tukey"))
critical <- attr(confint(pairs)$confint, "calpha")
cat(sprintf("%.6f %.6f\n", proc.time()[["elapsed"]] - started, critical))
