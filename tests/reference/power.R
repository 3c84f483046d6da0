# Power and sample size by base R:  Rscript power.R power.json
# strict = TRUE counts both tails, as a two-sided test does; without it R leaves the wrong one out.
suppressMessages(library(jsonlite))
options(digits = 15)
a <- commandArgs(TRUE)
out <- list()
put <- function(id, call, ...) out[[length(out) + 1]] <<- c(list(id = id, call = call), lapply(list(...), unname))
for (n in c(5, 20, 100, 800)) for (d in c(0.1, 0.5, 1)) {
  put("t/two", "power.t.test(n, delta, sd = 1.3, strict = TRUE)", n = n, effect = d, power = power.t.test(n, d, 1.3, strict = TRUE)$power)
  put("t/one", "power.t.test(n, delta, sd = 1.3, type = 'one.sample', strict = TRUE)", n = n, effect = d,
      power = power.t.test(n, d, 1.3, type = "one.sample", strict = TRUE)$power)
}
for (p in c(0.8, 0.9)) for (d in c(0.2, 0.5)) {
  put("n/two", "power.t.test(delta, sd = 1, power, strict = TRUE, tol = 1e-12)", effect = d, power = p,
      n = power.t.test(delta = d, sd = 1, power = p, strict = TRUE, tol = 1e-12)$n)
  put("d/two", "power.t.test(n = 64, sd = 1, power, strict = TRUE, tol = 1e-12)", n = 64, power = p,
      effect = power.t.test(n = 64, sd = 1, power = p, strict = TRUE, tol = 1e-12)$delta)
}
for (n in c(50, 400, 2000)) for (d in c(-0.1, 0.03, 0.1, 0.3))
  put("prop", "power.prop.test(n, 0.6, 0.6 + d, strict = TRUE)", n = n, effect = d, power = power.prop.test(n, 0.6, 0.6 + d, strict = TRUE)$power)
for (d in c(0.05, 0.1))
  put("prop/n", "power.prop.test(p1 = 0.6, p2 = 0.6 + d, power = 0.8, strict = TRUE, tol = 1e-12)", effect = d, power = 0.8,
      n = power.prop.test(p1 = 0.6, p2 = 0.6 + d, power = 0.8, strict = TRUE, tol = 1e-12)$n)
# clusters: means with the degrees of freedom of the clusters, by the noncentral t (Donner & Klar 2000, ch. 5)
for (n in c(90, 300)) for (d in c(0.2, 0.4)) {
  m <- 15; icc <- 0.05; df <- 2 * n / m - 2; se <- sqrt(2 * (1 + (m - 1) * icc) / n); t <- qt(0.975, df)
  put("clusters", "pt(t, df, d / se, lower = FALSE) + pt(-t, df, d / se)", n = n, effect = d,
      power = pt(t, df, d / se, lower.tail = FALSE) + pt(-t, df, d / se))
}
writeLines(toJSON(list(r = R.version.string, results = out), auto_unbox = TRUE, digits = NA), a[1])
