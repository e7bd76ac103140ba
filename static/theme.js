// Loaded in <head> without defer: the colours must be known before the first paint, or a dark page flashes white.
(function () {
  "use strict";
  var KEY = "preceptor-theme";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(KEY);
    } catch (error) {
      return null; // storage refused: follow the system
    }
  }

  function apply() {
    var theme = chosen() || (dark.matches ? "dark" : "light");
    document.documentElement.setAttribute("data-bs-theme", theme);
  }

  window.preceptorTheme = {
    toggle: function () {
      var next = document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      try {
        localStorage.setItem(KEY, next);
      } catch (error) {
        // The choice then lasts for this page only.
      }
      document.documentElement.setAttribute("data-bs-theme", next);
    },
  };
  document.documentElement.classList.add("has-js");
  dark.addEventListener("change", apply);
  apply();
})();
