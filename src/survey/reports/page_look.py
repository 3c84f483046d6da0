"""How the page of a report looks on screens, phones and paper, and what it does where scripts may run."""

from __future__ import annotations

__all__ = ["SCRIPT", "STYLE", "SWITCH"]

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 17px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #1a1a1a;
  background: #fff; margin: 0; }
main { max-width: 76rem; margin: 0 auto; padding: 0 1rem 3rem; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 1.5rem 0 .5rem; }
h2 { font-size: 1.4rem; border-top: 2px solid #1a1a1a; margin: 3rem 0 1rem; padding-top: .5rem; }
h3 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
a { color: #00508c; }
a:focus-visible, summary:focus-visible, button:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid #00508c; outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
.languages { display: flex; gap: .5rem; justify-content: flex-end; padding: .5rem 1rem; }
.languages a { padding: .3rem .8rem; border: 1px solid #00508c; border-radius: .3rem; text-decoration: none; }
.languages a[aria-current] { background: #00508c; color: #fff; }
.simulated { position: sticky; top: 0; z-index: 2; background: #fff3c4; color: #4a3500; border: 1px solid #b58900;
  text-align: center; font-weight: bold; padding: .3rem; margin: 0; font-size: .9rem; }
.contents ul { list-style: none; padding: 0; margin: .5rem 0; }
.contents li { margin: .25rem 0; }
.contents .level2 { padding-left: 1.2rem; font-size: .93em; }
summary { font-weight: bold; cursor: pointer; }
.finding { border-left: 4px solid #00508c; padding-left: .8rem; }
figure { margin: 1.5rem 0; }
figure svg { width: 100%; height: auto; max-width: 48rem; }
figcaption p { margin: .25rem 0; color: #4d4d4d; font-size: .87rem; }
figcaption strong { color: #1a1a1a; font-size: 1rem; }
.narrow { display: none; }
.scroll { overflow-x: auto; max-width: 100%; }
table { min-width: min(100%, 30rem); border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums;
  border-top: 2px solid #1a1a1a; border-bottom: 2px solid #1a1a1a; }
caption { text-align: left; font-weight: bold; padding-bottom: .4rem; font-size: 1rem; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; white-space: pre-line; }
th:first-child, td:first-child, .words { text-align: left; }
thead tr + tr th:first-child:not(.words) { text-align: right; }
td:not(.words) { white-space: pre; }
.whole { white-space: nowrap; }
tbody th, td.words { min-width: 6rem; }
[id] { scroll-margin-top: 4.5rem; }
thead th { vertical-align: bottom; border-bottom: 1px solid #1a1a1a; }
thead th[scope=colgroup] { text-align: center; }
tbody th { font-weight: normal; }
tbody .group th { font-weight: bold; text-align: left; }
tbody tr { border-bottom: 1px solid #e0e0e0; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: inherit;
  cursor: pointer; text-decoration: underline dotted; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
@media (min-width: 45rem) { tbody th { min-width: 8.25rem; } }
@media (min-width: 70rem) {
  article { display: grid; grid-template-columns: 17rem minmax(0, 1fr); column-gap: 2.5rem; }
  article[hidden] { display: none; }
  .simulated, article > header, .skip { grid-column: 1 / -1; }
  .contents { position: sticky; top: 2.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow-y: auto; }
}
@media (max-width: 600px) {
  body { font-size: 16px; }
  .wide { display: none; }
  .narrow { display: block; }
  th, td { padding: .3rem .4rem; }
  caption { position: sticky; left: 0; max-width: calc(100vw - 2rem); }
  tbody th, thead tr:first-child th:first-child { min-width: 7rem; }
}
@page { size: A4; margin: 18mm 15mm; @top-center { content: "SIMULATED"; font: bold 9pt sans-serif; color: #666; } }
@media print {
  body { font-size: 10.5pt; }
  .languages, .contents, .skip { display: none; }
  .simulated { position: static; }
  article { display: block; }
  .page { break-before: page; }
  figure, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  h2, h3, h4, caption { break-after: avoid; }
  th button { text-decoration: none; }
}
""".strip()
"""The word SIMULATED is replaced by what says that the data are."""

SWITCH = """
(function () {
  "use strict";
  var articles = Array.prototype.slice.call(document.querySelectorAll("article"));
  var links = Array.prototype.slice.call(document.querySelectorAll("[data-lang]"));

  function show(lang) {
    articles.forEach(function (a) {
      a.hidden = a.lang !== lang;
      if (!a.hidden) { document.title = a.dataset.title; }
    });
    document.documentElement.lang = lang;
    links.forEach(function (l) {
      l.removeAttribute("aria-current");
      if (l.dataset.lang === lang) { l.setAttribute("aria-current", "true"); }
    });
  }

  function nearest() {
    var own = articles.filter(function (a) { return !a.hidden; })[0];
    var found = null;
    Array.prototype.forEach.call(own.querySelectorAll("h2[id], h3[id]"), function (h) {
      if (h.getBoundingClientRect().top < 120) { found = h.id.slice(own.lang.length); }
    });
    return found;
  }

  function ofHash() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var own = target && target.closest("article");
    return own ? own.lang : null;
  }

  if (links.length) {
    show(ofHash() || articles[0].lang);
    links.forEach(function (l) {
      l.addEventListener("click", function (event) {
        var place = nearest();
        event.preventDefault();
        show(l.dataset.lang);
        var there = place && document.getElementById(l.dataset.lang + place);
        if (there) { there.scrollIntoView(); } else { window.scrollTo(0, 0); }
      });
    });
    window.addEventListener("hashchange", function () {
      var lang = ofHash();
      if (lang && lang !== document.documentElement.lang) {
        show(lang);
        document.getElementById(decodeURIComponent(location.hash.slice(1))).scrollIntoView();
      }
    });
  }
})();
""".strip()
"""Shows one `article` at a time, by the links whose `data-lang` is its language."""

_SORTING = """
(function () {
  "use strict";

  function value(row, column, lang) {
    var text = row.cells[column] ? row.cells[column].textContent.trim() : "";
    var found = text.replace(/\\u2212/g, "-").match(/^[<+]?\\s*-?\\d[\\d.,]*/);
    if (!found) { return text; }
    var bare = found[0].replace(/[<+\\s]/g, "");
    var number = lang === "en" ? bare.replace(/,/g, "") : bare.replace(/\\./g, "").replace(",", ".");
    return parseFloat(number);
  }

  function sort(table, head, column, lang) {
    var down = head.getAttribute("aria-sort") !== "descending";
    Array.prototype.forEach.call(table.tHead.querySelectorAll("th"), function (h) { h.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    Array.prototype.forEach.call(table.tBodies, function (body) {
      var rows = Array.prototype.filter.call(body.rows, function (r) { return r.className !== "group"; });
      rows.map(function (r, i) { return { row: r, at: i, v: value(r, column, lang) }; }).sort(function (a, b) {
        var words = typeof a.v === "string" || typeof b.v === "string";
        if (words && typeof a.v !== typeof b.v) { return typeof a.v === "string" ? 1 : -1; }
        var order = words ? String(a.v).localeCompare(String(b.v), lang) : a.v - b.v;
        return (down ? -order : order) || a.at - b.at;
      }).forEach(function (r) { body.appendChild(r.row); });
    });
  }

  Array.prototype.forEach.call(document.querySelectorAll("article"), function (article) {
    Array.prototype.forEach.call(article.querySelectorAll("table"), function (table) {
      var rows = table.tHead.rows;
      var last = rows[rows.length - 1];
      var first = rows.length > 1 && rows[0].cells[0].rowSpan > 1 ? 1 : 0;
      if (table.querySelectorAll("tbody tr:not(.group)").length < 3) { return; }
      Array.prototype.forEach.call(last.cells, function (head, i) {
        if (head.tagName !== "TH" || !head.textContent.trim()) { return; }
        var button = document.createElement("button");
        button.type = "button";
        button.title = article.dataset.sort;
        while (head.firstChild) { button.appendChild(head.firstChild); }
        head.appendChild(button);
        button.addEventListener("click", function () { sort(table, head, i + first, article.lang); });
      });
    });
  });
})();
""".strip()

SCRIPT = f"{SWITCH}\n{_SORTING}"
