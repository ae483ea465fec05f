// The pages for schools: what is so on the reader's own day, the search, and the list of a page's parts.
// Nothing is sent, and nothing is fetched but the words that the search reads, once somebody begins to type.
(function () {
  "use strict";

  // The reader's day. Where no script runs, a page shows what was so when it was made, and says so.
  function showToday() {
    var now = new Date();
    var today = [now.getFullYear(), ("0" + (now.getMonth() + 1)).slice(-2), ("0" + now.getDate()).slice(-2)].join("-");
    document.querySelectorAll("[data-first][data-last]").forEach(function (one) {
      var last = one.dataset.last;
      one.toggleAttribute("hidden", today < one.dataset.first || (last !== "" && today > last));
    });
    document.querySelectorAll("time.reader-day").forEach(function (one) {
      one.dateTime = today;
      one.textContent = now.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    });
    document.querySelectorAll(".made-on").forEach(function (one) {
      one.hidden = true;
    });
  }

  // What wants words of a text: "£6,000" is 6000, "schools'" is school.
  function wordsOf(text) {
    var plain = text.toLowerCase().replace(/(\d),(?=\d)/g, "$1").replace(/['\u2019]s?\b/g, "");
    return (plain.match(/[a-z0-9]+/g) || []).map(function (word) {
      return word.length > 3 ? word.replace(/(?:([^s])s|ing|ed)$/, "$1") : word;
    });
  }

  // Words that nearly every question has.
  var SMALL = new Set(wordsOf("a an and are at be by can do does for from has have how i in is it me my of on or our the " +
    "this to we what when where which who why will with you your"));
  // How much a word counts by where it is: in the heading, the description, the tags, the heads of parts, the text.
  var WEIGHTS = [10, 3, 9, 4, 1];

  function indexed(rows) {
    return rows.map(function (row) {
      var counts = row.slice(1, 6).map(function (text) {
        var found = new Map();
        wordsOf(text).forEach(function (word) { found.set(word, (found.get(word) || 0) + 1); });
        return found;
      });
      return { address: row[0], heading: row[1], about: row[2], tags: row[3].toLowerCase(), counts: counts, boost: row[6] };
    });
  }

  function worth(counts, word, whole) {
    var best = counts.has(word) ? 1 + Math.log(counts.get(word)) : 0;
    if (!best && !whole && word.length > 2) {
      counts.forEach(function (times, other) { if (other.startsWith(word)) { best = 0.6; } });
    }
    return best;
  }

  // The pages that hold what was typed, best first.
  function found(pages, typed) {
    var all = wordsOf(typed), words = all.filter(function (word) { return !SMALL.has(word); });
    words = words.length ? words : all;
    var phrase = typed.trim().toLowerCase();
    var held = words.map(function (word) {
      return pages.map(function (page) {
        return page.counts.reduce(function (sum, counts, place) {
          return sum + WEIGHTS[place] * worth(counts, word, false);
        }, 0);
      });
    });
    return pages.map(function (page, place) {
      var sum = 0, met = 0;
      held.forEach(function (scores) {
        var having = scores.filter(Boolean).length;
        if (scores[place]) {
          met += 1;
          sum += scores[place] * Math.log(1 + pages.length / having);
        }
      });
      if (phrase && (page.tags + " " + page.heading.toLowerCase()).includes(phrase)) { sum += 20; }
      return { page: page, score: sum * Math.pow(met / words.length, 2) * Math.pow(page.boost, 0.35) };
    }).filter(function (one) { return one.score > 0; })
      .sort(function (one, other) { return other.score - one.score; })
      .map(function (one) { return one.page; });
  }

  function search(form) {
    var input = form.querySelector("input"), list = form.querySelector("ol"), said = form.querySelector(".said");
    var pages = null, asked = false;

    function show() {
      var typed = input.value.trim(), results = typed && pages ? found(pages, typed).slice(0, 8) : [];
      list.replaceChildren.apply(list, results.map(function (page) {
        var item = document.createElement("li"), link = document.createElement("a"), about = document.createElement("span");
        link.href = form.dataset.root + page.address;
        link.textContent = page.heading;
        about.textContent = page.about;
        item.append(link, about);
        return item;
      }));
      list.hidden = !results.length;
      said.textContent = !typed || !pages ? "" : results.length ? results.length + (results.length === 1 ? " page" : " pages")
        : "Nothing found. Try one word, or look through all pages.";
    }

    // A script and not a request, since a page that is opened from a folder may not make one.
    function load() {
      if (asked) { return; }
      asked = true;
      var script = document.createElement("script");
      script.src = form.dataset.index;
      script.onload = function () { pages = indexed(window.schoolSearch); show(); };
      document.head.append(script);
    }
    input.addEventListener("focus", load);
    input.addEventListener("input", function () { load(); show(); });
    form.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { input.value = ""; show(); input.focus(); }
    });
    form.addEventListener("submit", function (event) {
      var first = list.querySelector("a");
      if (input.value.trim()) { event.preventDefault(); }
      if (first && !list.hidden) { location.href = first.href; }
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    showToday();
    document.querySelectorAll("form.search").forEach(search);
  });
})();
