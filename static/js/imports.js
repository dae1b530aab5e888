"use strict";
/* Bringing history: once a measure is chosen, only its template is shown. Without it: all of them. */
(() => {
  for (const list of document.querySelectorAll("[data-follows]")) {
    const choice = document.getElementById(list.dataset.follows);
    if (!choice) continue;
    const follow = () => {
      for (const one of list.children) one.hidden = choice.value !== "" && one.dataset.value !== choice.value;
    };
    choice.addEventListener("change", follow);
    window.addEventListener("pageshow", follow);
    follow();
  }
})();
