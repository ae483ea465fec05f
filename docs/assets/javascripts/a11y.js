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
