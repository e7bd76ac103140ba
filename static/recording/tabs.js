// The parts of a recording's page, one at a time; without a script they stand one below the other.

export function makeTabs(nav) {
  const tabs = [...nav.querySelectorAll("[data-tab]")];
  const panels = tabs.map((tab) => document.getElementById(tab.dataset.tab));
  nav.setAttribute("role", "tablist");
  tabs.forEach((tab, n) => {
    tab.id = `tab-${tab.dataset.tab}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panels[n].id);
    panels[n].setAttribute("role", "tabpanel");
    panels[n].setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", tab.hash);
      show(n);
    });
  });
  nav.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const chosen = tabs[(next + tabs.length) % tabs.length];
    chosen.focus();
    chosen.click();
  });

  function show(chosen) {
    tabs.forEach((tab, n) => {
      tab.setAttribute("aria-selected", String(n === chosen));
      tab.tabIndex = n === chosen ? 0 : -1;
      panels[n].hidden = n !== chosen;
    });
  }

  const asked = tabs.findIndex((tab) => tab.hash === location.hash);
  show(Math.max(0, asked));
  return { show: (id) => show(tabs.findIndex((tab) => tab.dataset.tab === id)) };
}
