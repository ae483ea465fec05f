// Names what the theme leaves without a name, and lets the keyboard scroll what is wider than the screen.
document.addEventListener("DOMContentLoaded", function () {
  document.querySelectorAll(".md-search[role=dialog]").forEach(function (one) {
    one.setAttribute("aria-label", "Search");
  });
  document.querySelectorAll(".md-typeset pre > code").forEach(function (one) {
    one.tabIndex = 0;
  });
});
