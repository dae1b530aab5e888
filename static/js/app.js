/* Shared behaviour. Every page works without it; nothing but the choice of colours is kept in the browser. */
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const say = (text) => {
    const place = document.getElementById("announce");
    if (place && text && place.textContent !== text) place.textContent = text;
  };

  /* --- htmx: the CSRF token; polls say that they are polls --------------------------------------------------- */
  const POLL = /\bevery\s|\bload\b[^,]*\bdelay:/;
  document.addEventListener("htmx:configRequest", (event) => {
    const { headers, elt } = event.detail;
    const token = document.querySelector('meta[name="csrf-token"]');
    if (token && event.detail.verb !== "get") headers["X-CSRFToken"] = token.content;
    if (elt.closest("[data-poll]") || POLL.test(elt.getAttribute("hx-trigger") || "")) headers["X-Poll"] = "1";
  });

  const flash = (text) => {
    const place = document.getElementById("messages");
    if (!place || !text) return;
    place.querySelectorAll("[data-from-script]").forEach((old) => old.remove());
    const box = document.createElement("div");
    box.className = "flash flash-error";
    box.dataset.fromScript = "";
    const words = document.createElement("p");
    words.textContent = text;
    box.append(words);
    place.append(box);
  };
  const isPoll = (event) => event.detail.requestConfig?.headers?.["X-Poll"];
  document.addEventListener("htmx:responseError", (event) => { if (!isPoll(event)) flash(document.body.dataset.errorText); });
  document.addEventListener("htmx:sendError", (event) => { if (!isPoll(event)) flash(document.body.dataset.offlineText); });

  /* --- focus and announcements after a swap, and on a page with errors ---------------------------------------- */
  const arrive = (part) => {
    const target = part.matches?.("[data-focus]") ? part : part.querySelector?.("[data-focus]");
    if (target) {
      if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
      target.focus();
    }
    const spoken = part.matches?.("[data-announce]") ? part : part.querySelector?.("[data-announce]");
    if (spoken) say(spoken.dataset.announce);
    part.querySelectorAll?.("[data-scroll-end]").forEach((box) => { box.scrollLeft = box.scrollWidth; });
    showTheme();
  };
  document.addEventListener("htmx:afterSettle", (event) => arrive(event.detail.elt));

  /* --- forms ---------------------------------------------------------------------------------------------------- */
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-autosubmit]") && event.target.type !== "search" && event.target.type !== "text") form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || form.matches("[hx-post], [data-hx-post]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled")); });
  });

  /* --- small things ---------------------------------------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu].account-down[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const source = document.querySelector(copy.dataset.copy);
      navigator.clipboard?.writeText(source.value ?? source.innerText).then(() => say(copy.dataset.copied || ""));
    }
    const theme = event.target.closest("[data-theme-choice] button");
    if (theme) chooseTheme(theme.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details[data-menu][open]") || document.querySelector("details.rail-menu[data-menu][open]");
    if (menu && (menu.contains(event.target) || menu.nextElementSibling?.contains(event.target))) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  /* --- light, dark, as the device ------------------------------------------------------------------------------- */
  const chosen = () => root.dataset.theme || "";
  function showTheme() {
    document.querySelectorAll("[data-theme-choice]").forEach((choice) => {
      choice.hidden = false;
      choice.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.value === chosen())));
    });
  }
  function chooseTheme(value) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    if (value) root.dataset.theme = value; else delete root.dataset.theme;
    document.cookie = `theme=${value}; Path=/; SameSite=Lax; Max-Age=${value ? 31536000 : 0}${secure}`;
    showTheme();
  }

  /* --- leaving at once: the button, or Shift three times within five seconds -------------------------------------- */
  const exit = document.querySelector("form[data-quick-exit]");
  if (exit) {
    let presses = 0, clean = true, timer;
    const leave = () => {
      root.classList.add("is-leaving");
      document.title = " ";
      say(exit.dataset.textGo);
      fetch(exit.action, { method: "POST", body: new FormData(exit), keepalive: true, redirect: "manual", credentials: "same-origin" }).catch(() => {});
      location.replace(exit.dataset.exitTo);
    };
    exit.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
    const forget = () => { presses = 0; };
    document.addEventListener("keydown", (event) => { if (event.key === "Shift") { if (!event.repeat) clean = true; } else { clean = false; presses = 0; } });
    document.addEventListener("keyup", (event) => {
      if (event.key !== "Shift" || !clean) return;
      presses += 1;
      clearTimeout(timer);
      timer = setTimeout(forget, 5000);
      if (presses === 1) say(exit.dataset.textOne);
      if (presses === 2) say(exit.dataset.textTwo);
      if (presses === 3) leave();
    });
    /* back from another page: never show what was here */
    window.addEventListener("pageshow", (event) => { if (event.persisted && root.classList.contains("is-leaving")) location.replace(exit.dataset.exitTo); });
  }

  showTheme();
  arrive(document.body);
})();
