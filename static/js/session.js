/* A session's page: each part is saved as it is typed, and the twelve are rated by keys. Without script one button saves
   everything. Nothing is kept in the browser: what could not be saved stays on the page, and leaving asks first. */
"use strict";
(() => {
  /* --- the grid: 0 to 4 and n, arrows; radios stay ordinary radios ---------------------------------------------- */
  const rates = [...document.querySelectorAll("[data-rate]")];
  const stops = (rate) => [...rate.querySelectorAll("input[type=radio]")];
  const enter = (rate) => { const all = rate ? stops(rate) : []; (all.find((one) => one.checked) || all[0])?.focus(); };
  const choose = (rate, value) => {
    const stop = stops(rate).find((one) => one.value === value);
    if (!stop) return;
    if (!stop.checked) { stop.checked = true; stop.dispatchEvent(new Event("change", { bubbles: true })); }
    stop.focus();
  };
  rates.forEach((rate, place) => rate.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const digit = /^[0-4]$/.test(key) ? key : key === "n" || key === "-" ? "" : null;
    if (digit !== null) {
      event.preventDefault();
      choose(rate, digit);
      enter(rates[place + 1]);
    } else if (key === "arrowdown" || key === "arrowup") {
      event.preventDefault();
      enter(rates[place + (key === "arrowdown" ? 1 : -1)]);
    }
  }));
  document.querySelectorAll("[data-keys-hint]").forEach((hint) => { hint.hidden = false; });

  /* --- saving ------------------------------------------------------------------------------------------------------- */
  const form = document.querySelector("form[data-autosave]");
  if (!form || !window.fetch) return;
  const words = form.dataset;
  const status = form.querySelector("[data-saved]");
  const WAIT = { text: 1200, focus: 1500, other: 150 };
  const dirty = new Set(), clashing = new Set(), refused = new Set();
  let busy = null, tries = 0, timer = 0, stopped = false, leaving = false;

  const say = (text, state) => { if (status.textContent !== text) status.textContent = text; status.dataset.state = state; };
  const partOf = (node) => node.closest?.("[data-part]");
  const holder = (name) => document.querySelector(`[data-part="${name}"]`);
  const unsaved = () => dirty.size > 0 || clashing.size > 0 || refused.size > 0 || busy !== null;

  const mark = (name, text) => {
    const place = form.querySelector(`[data-error-for="${CSS.escape(name)}"]`);
    if (!place) return;
    place.replaceChildren();
    for (const line of text ? [text].flat() : []) {
      const words = document.createElement("p");
      words.className = "field-error";
      words.textContent = line;
      place.append(words);
    }
  };

  const fields = (part) => {
    const data = new FormData();
    for (const [name, value] of new FormData(form)) {
      const own = [...form.elements].some((one) => one.name === name && partOf(one) === part);
      if (own || name === "csrfmiddlewaretoken" || name === "seen_at") data.append(name, value);
    }
    data.set("part", part.dataset.part);
    return data;
  };

  /* Tokens of what this page has seen: what is sent with the next save, of any part that names it. */
  const seen = (tokens) => {
    for (const [name, value] of Object.entries(tokens || {})) {
      for (const one of form.elements) if (one.name === name) one.value = value;
    }
  };

  const put = (part, values) => {
    for (const one of part.querySelectorAll("input, select, textarea")) {
      if (!(one.name in values) || one.type === "hidden") continue;
      const value = values[one.name];
      if (one.type === "radio") one.checked = one.value === value;
      else if (one.type === "checkbox") one.checked = Array.isArray(value) ? value.includes(one.value) : Boolean(value);
      else one.value = value;
    }
  };

  const showClash = (part, sent) => {
    part.querySelector("[data-clash]")?.remove();
    const box = document.createElement("div");
    box.className = "note note-larch clash";
    box.dataset.clash = "";
    const head = document.createElement("p");
    head.textContent = sent.message;
    const list = document.createElement("dl");
    list.className = "facts";
    for (const [label, text] of sent.stored) {
      const row = document.createElement("div"), name = document.createElement("dt"), value = document.createElement("dd");
      name.textContent = label;
      value.textContent = text;
      row.append(name, value);
      list.append(row);
    }
    const buttons = document.createElement("p");
    buttons.className = "row-gap";
    for (const [text, mine] of [[words.textMine, true], [words.textTheirs, false]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-secondary";
      button.textContent = text;
      button.addEventListener("click", () => {
        box.remove();
        clashing.delete(part.dataset.part);
        seen(sent.seen);
        if (mine) { dirty.add(part.dataset.part); send(); } else { put(part, sent.values); say("", ""); }
        part.querySelector("textarea, input:not([type=hidden]), select")?.focus();
      });
      buttons.append(button);
    }
    box.append(head, list, buttons);
    part.prepend(box);
    box.tabIndex = -1;
  };

  const again = (name) => {
    dirty.add(name);
    tries += 1;
    say(words.textWaiting, "waiting");
    clearTimeout(timer);
    timer = setTimeout(send, Math.min(30000, 1000 * 2 ** Math.min(tries - 1, 5)));
  };

  const answer = (name, reply, sent) => {
    const part = holder(name);
    if (reply.ok && sent.saved) {
      tries = 0;
      refused.delete(name);
      seen(sent.seen);
      part.querySelectorAll("[data-error-for]").forEach((place) => place.replaceChildren());
      part.querySelectorAll(`[data-after-save="${name}"]`).forEach((more) => { more.hidden = false; });
      if (!dirty.size && !refused.size && !clashing.size) say(sent.saved, "saved");
    } else if (reply.status === 409) {
      clashing.add(name);
      dirty.delete(name);
      showClash(part, sent);
      say(words.textClash, "clash");
    } else if (reply.status === 422) {
      refused.add(name);
      part.querySelectorAll("[data-error-for]").forEach((place) => place.replaceChildren());
      const errors = Object.entries(sent.errors || {});
      for (const [field, text] of errors) mark(field, text);
      const whole = sent.errors?.__all__;
      say(whole ? [words.textRefused, ...[whole].flat()].join(" ") : words.textRefused, "refused");
    } else if (reply.type === "opaqueredirect" || (reply.status >= 400 && reply.status < 500 && reply.status !== 429)) {
      stopped = true;
      dirty.add(name);
      say(words.textStopped, "stopped");
    } else again(name);
  };

  async function send() {
    clearTimeout(timer);
    const name = [...dirty].find((one) => !clashing.has(one));
    if (busy || stopped || leaving || !name) return;
    const part = holder(name);
    dirty.delete(name);
    say(words.textSaving, "saving");
    busy = (async () => {
      try {
        const reply = await fetch(words.autosave, { method: "POST", credentials: "same-origin", redirect: "manual", body: fields(part) });
        const json = reply.headers.get("Content-Type")?.startsWith("application/json");
        answer(name, reply, json ? await reply.json() : {});
      } catch {
        again(name);
      }
    })();
    await busy;
    busy = null;
    if (!tries && [...dirty].some((one) => !clashing.has(one))) send();
  }

  const changed = (event) => {
    const part = partOf(event.target);
    if (!part || !event.target.name || stopped) return;
    const name = part.dataset.part;
    dirty.add(name);
    if (clashing.has(name)) return;
    const typing = event.target.matches("textarea, input[type=text]");
    if (event.type === "input" && !typing) return;
    clearTimeout(timer);
    const wait = event.type === "input" ? WAIT.text : name === "focus" ? WAIT.focus : WAIT.other;
    if (!tries || event.type === "change") timer = setTimeout(send, wait);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  window.addEventListener("online", () => { tries = 0; send(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && !tries) send(); });
  window.addEventListener("beforeunload", (event) => { if (!leaving && unsaved()) event.preventDefault(); });

  /* A link that saves first: what is pending is sent, and only then it is followed. What cannot be saved keeps the page,
     and the status says why. */
  const flush = async () => {
    clearTimeout(timer);
    tries = 0;
    const more = () => !tries && !stopped && [...dirty].some((one) => !clashing.has(one));
    while (busy || more()) await (busy || send());
    return !unsaved();
  };
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-save-first]");
    if (!link || leaving || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!unsaved()) return;
    event.preventDefault();
    if (await flush()) { location.assign(link.href); return; }
    status.scrollIntoView({ block: "nearest" });
  });

  /* A button sends the whole page: what is under way is waited for, so that its token is the newest; pressed twice, once. */
  form.addEventListener("submit", (event) => {
    if (leaving) { if (leaving !== "go") event.preventDefault(); else leaving = "sent"; return; }
    if (!navigator.onLine) { event.preventDefault(); say(words.textWaiting, "waiting"); return; }
    clearTimeout(timer);
    leaving = "go";
    if (!busy) { leaving = "sent"; return; }
    event.preventDefault();
    const button = event.submitter;
    busy.finally(() => form.requestSubmit(button));
  });
  window.addEventListener("pageshow", () => { leaving = false; });
})();
