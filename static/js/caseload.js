/* The caseload by keyboard, and choosing several. Everything works without it. Single keys can be switched off
   (kept in the cookie "keys") and never work while somebody types. */
"use strict";
(() => {
  const table = document.querySelector("[data-caseload]");
  const help = document.querySelector("[data-keys]");
  const search = document.querySelector("[data-search]");
  const say = (text) => { const place = document.getElementById("announce"); if (place) place.textContent = text; };

  /* --- choosing several ------------------------------------------------------------------------------------------ */
  const boxes = [...document.querySelectorAll('input[name="client"][form="several"]')];
  const count = document.querySelector("[data-pick-count]");
  const all = document.querySelector("[data-pick-all]");
  const counted = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = chosen ? count.dataset.text.replace("%n", chosen) : "";
  };
  boxes.forEach((box) => box.addEventListener("change", counted));
  if (all && boxes.length) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const every = boxes.every((box) => box.checked);
      boxes.forEach((box) => { box.checked = !every; });
      counted();
    });
  }
  window.addEventListener("pageshow", counted);

  /* --- single keys ------------------------------------------------------------------------------------------------ */
  const toggle = document.querySelector("[data-keys-toggle]");
  let on = !/(?:^|;\s*)keys=off(?:;|$)/.test(document.cookie);
  const show = () => { toggle?.setAttribute("aria-pressed", String(on)); };
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      on = !on;
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `keys=${on ? "" : "off"}; Path=/; SameSite=Lax; Max-Age=${on ? 0 : 31536000}${secure}`;
      show();
      say(on ? help.dataset.textOn : help.dataset.textOff);
    });
  }
  show();

  const links = () => [...(table?.querySelectorAll("th.who > a:first-child") || [])];
  const typing = (target) => target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && target.type !== "checkbox" && target.type !== "radio";
  const rowOf = (target) => target.closest?.("[data-caseload] tbody tr");
  const move = (step) => {
    const every = links();
    if (!every.length) return;
    const row = rowOf(document.activeElement);
    const here = row ? every.findIndex((link) => row.contains(link)) : -1;
    const next = here < 0 ? (step > 0 ? 0 : every.length - 1) : Math.min(Math.max(here + step, 0), every.length - 1);
    every[next].focus();
    every[next].scrollIntoView({ block: "nearest" });
  };
  const keys = {
    "/": () => { search?.focus(); search?.select(); return Boolean(search); },
    j: () => { move(1); return true; },
    k: () => { move(-1); return true; },
    ArrowDown: () => { if (!rowOf(document.activeElement)) return false; move(1); return true; },
    ArrowUp: () => { if (!rowOf(document.activeElement)) return false; move(-1); return true; },
    x: () => {
      const box = rowOf(document.activeElement)?.querySelector('input[name="client"]');
      box?.click();
      return Boolean(box);
    },
    "?": () => { if (!help) return false; help.open = true; help.querySelector("summary").focus(); help.scrollIntoView({ block: "nearest" }); return true; },
  };
  document.addEventListener("keydown", (event) => {
    if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (act && act()) event.preventDefault();
  });
})();
