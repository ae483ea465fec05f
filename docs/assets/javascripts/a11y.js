// Names what the theme leaves without a name, and lets the keyboard scroll what is wider than the screen.
document.addEventListener("DOMContentLoaded", function () {
  document.querySelectorAll(".md-search[role=dialog]").forEach(function (one) {
    one.setAttribute("aria-label", "Search");
  });
  document.querySelectorAll(".md-typeset pre > code").forEach(function (one) {
    one.tabIndex = 0;
  });
  // Its name is what is written there; on a narrow screen the theme hides that, and the name has to stay.
  document.querySelectorAll(".md-footer__link[aria-label]").forEach(function (one) {
    one.setAttribute("aria-label", one.textContent.replace(/\s+/g, " ").trim());
  });
  // What is true on the reader's own day is shown; where no script runs, it is what was true when the page was made.
  var now = new Date();
  var today = [now.getFullYear(), ("0" + (now.getMonth() + 1)).slice(-2), ("0" + now.getDate()).slice(-2)].join("-");
  document.querySelectorAll("[data-first][data-last]").forEach(function (one) {
    one.hidden = today < one.dataset.first || (one.dataset.last !== "" && today > one.dataset.last);
  });
  document.querySelectorAll("time.reader-day").forEach(function (one) {
    one.dateTime = today;
    one.textContent = now.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  });
  document.querySelectorAll(".made-on").forEach(function (one) {
    one.hidden = true;
  });
  // Two parts of the navigation must not have one name.
  var names = {};
  document.querySelectorAll("nav[aria-labelledby], nav[aria-label]").forEach(function (one) {
    var by = document.getElementById(one.getAttribute("aria-labelledby"));
    var name = (by ? by.textContent : one.getAttribute("aria-label") || "").trim();
    if (names[name]) {
      one.removeAttribute("aria-labelledby");
      one.setAttribute("aria-label", name + ", its pages");
    }
    names[name] = true;
  });
});
