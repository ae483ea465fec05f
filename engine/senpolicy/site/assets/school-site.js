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

  // On a narrow screen the list of all pages is folded: who wants it opens it, or follows the link to it.
  function foldPages(list) {
    if (window.matchMedia("(max-width: 60em)").matches && location.hash !== "#pages") { list.open = false; }
    document.querySelectorAll('.jump a').forEach(function (link) {
      link.addEventListener("click", function () { list.open = true; });
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

  // The way by questions. Without this script each answer is a link to the next question. With it the page keeps the
  // answers so far in the part of its address after the #, which no browser sends: each can be changed, and all shared.
  function stepByStep(steps) {
    var all = Array.from(steps.querySelectorAll(".step"));
    var given = document.createElement("section");
    given.className = "given";
    given.setAttribute("aria-labelledby", "given-so-far");
    steps.after(given);

    function choices(step) {
      return Array.from(step.querySelectorAll("ul.choices a"));
    }
    function led(link) {
      return document.getElementById(link.hash.slice(1)).closest(".step");
    }
    function question(step) {
      return step.querySelector("h2").textContent.replace(/^[^:]*: /, "");
    }
    function element(name, text) {
      var one = document.createElement(name);
      one.textContent = text;
      return one;
    }
    function link(text, hash) {
      var one = element("a", text);
      one.href = hash;
      return one;
    }

    // The steps that lead to the one that is shown, by the numbers of their answers; null for another kind of address.
    function walked() {
      var found = /^#way=([\d.]*)$/.exec(location.hash), step = all[0], way = [];
      if (!found && location.hash) { return null; }
      (found && found[1] ? found[1].split(".") : []).every(function (number) {
        var chosen = choices(step)[Number(number) - 1];
        if (!chosen) { return false; }
        way.push({ step: step, number: number, chosen: chosen });
        step = led(chosen);
        return true;
      });
      return { way: way, step: step };
    }

    function tell(way) {
      var list = document.createElement("ol");
      way.forEach(function (one, place) {
        if (one.chosen.hash.startsWith("#not-sure")) { return; }
        var item = element("li", question(one.step) + " ");
        var before = way.slice(0, place).map(function (other) { return other.number; }).join(".");
        var change = link("Change", "#way=" + before);
        change.setAttribute("aria-label", "Change: " + question(one.step));
        item.append(element("strong", one.chosen.textContent), " ", change);
        list.append(item);
      });
      var heading = element("h2", "Your answers so far");
      heading.id = "given-so-far";
      given.replaceChildren(heading, list);
      var share = element("p", "The address of this page holds these answers. ");
      share.append(link("Start again", "#way="));
      given.append(share);
      given.hidden = !list.children.length;
    }

    // A pupil's facts that the answers give, for the calculator.
    function fill(step, way) {
      var facts = new URLSearchParams({ decision_date: steps.dataset.day });
      way.forEach(function (one) {
        if (one.chosen.dataset.fact) { facts.set(one.chosen.dataset.fact, one.chosen.dataset.value); }
      });
      step.querySelectorAll(".try a").forEach(function (one) { one.hash = facts.toString(); });
    }

    function show(moved) {
      var at = walked();
      steps.classList.toggle("scripted", at !== null);
      given.hidden = true;
      if (at === null) { all.forEach(function (step) { step.hidden = false; }); return; }
      all.forEach(function (step) { step.hidden = step !== at.step; });
      tell(at.way);
      fill(at.step, at.way);
      if (moved) {
        var heading = at.step.querySelector("h2");
        heading.tabIndex = -1;
        heading.focus();
      }
    }

    steps.addEventListener("click", function (event) {
      var clicked = event.target.closest("a[href^='#']"), at = walked();
      if (!clicked || !at || event.metaKey || event.ctrlKey || event.shiftKey) { return; }
      var way = at.way.map(function (one) { return one.number; });
      // Who was not sure goes on from the question itself.
      if (clicked.closest(".step").querySelector("h2[id^=not-sure]")) { way.pop(); }
      else if (clicked.hash === "#question-1") { way = []; }
      var chosen = clicked.hash === "#question-1" ? -1 : choices(clicked.closest(".step")).indexOf(clicked);
      event.preventDefault();
      location.hash = "way=" + way.concat(chosen < 0 ? [] : chosen + 1).join(".");
    });
    addEventListener("hashchange", function () { show(true); });
    show(false);
  }

  document.addEventListener("DOMContentLoaded", function () {
    showToday();
    document.querySelectorAll(".pages details").forEach(foldPages);
    document.querySelectorAll(".steps").forEach(stepByStep);
    document.querySelectorAll("form.search").forEach(search);
  });
})();
