"use strict";
/* Saves each answer as it is given. Without it every page is saved by Next; nothing is ever kept in the browser. */
(() => {
  const form = document.querySelector("form[data-answering]");
  if (!form || !window.fetch) return;
  const words = form.dataset;
  const status = form.querySelector("[data-saved]");
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const page = form.elements.key.value;
  const pending = new Map();
  let base = Number(form.elements.base.value);
  let count = 0, batch = null, busy = false, stopped = false, tries = 0, timer = 0, typing = 0;

  const say = (text, state) => { if (status.textContent !== text) status.textContent = text; status.dataset.state = state; };
  const idOf = (control) => control.name.startsWith("a.") ? control.name.slice(2) : "";
  const holder = (id) => document.getElementById(`q-${id.replace(/\.note$/, "").replaceAll(".", "_")}-error`);

  const valueOf = (control) => {
    if (control.type === "radio") return control.value === "" ? null : control.value;
    if (control.type === "checkbox" && control.value === "yes") return control.checked ? true : null;
    if (control.type === "checkbox") {
      const ticked = [...form.elements].filter((one) => one.name === control.name && one.checked).map((one) => one.value);
      return ticked.length ? ticked : null;
    }
    return control.value;
  };

  const tell = (id, text, kind) => {
    const place = holder(id);
    if (!place) return;
    place.replaceChildren();
    if (!text) return;
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = text;
    place.append(line);
  };

  const take = () => {
    if (!pending.size) return null;
    count += 1;
    const answers = Object.fromEntries(pending);
    pending.clear();
    return { key: `${page}:${count}`, base, answers };
  };

  const progress = (sent) => {
    const bar = document.querySelector("[data-progress]"), text = document.querySelector("[data-answered]");
    if (!bar || sent.answered === undefined) return;
    bar.value = sent.answered;
    text.textContent = text.dataset.text.replace("ANSWERED", sent.answered).replace("TOTAL", sent.total);
  };

  const again = () => {
    tries += 1;
    say(words.waiting, "waiting");
    clearTimeout(timer);
    timer = setTimeout(send, Math.min(30000, 1000 * 2 ** Math.min(tries - 1, 5)) * (0.8 + 0.4 * Math.random()));
  };

  const stop = (text) => { stopped = true; batch = null; say(text, "stopped"); };

  const refused = (sent) => {
    const errors = sent.errors || {};
    for (const [id, text] of Object.entries(errors)) tell(id, text, "field-error");
    /* nothing of the batch was written: what was fine is sent again, under a new key */
    for (const [id, value] of Object.entries(batch.answers)) if (!(id in errors) && !pending.has(id)) pending.set(id, value);
    const stuck = !Object.keys(errors).length;
    batch = null;
    if (stuck) pending.clear();
    say(words.refused, "refused");
    return !stuck;
  };

  async function send() {
    if (busy || stopped) return;
    clearTimeout(timer);
    batch = batch || take();
    if (!batch) return;
    busy = true;
    let reply, sent = {};
    try {
      reply = await fetch(words.saveUrl, {
        method: "POST", credentials: "same-origin", redirect: "manual", keepalive: true,
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify(batch),
      });
      sent = reply.headers.get("Content-Type")?.startsWith("application/json") ? await reply.json() : {};
    } catch {
      busy = false;
      again();
      return;
    }
    busy = false;
    if (reply.ok) {
      tries = 0;
      base = sent.revision;
      for (const id of Object.keys(batch.answers)) tell(id, sent.conflicts[id], "note note-larch");
      batch = null;
      progress(sent);
      if (pending.size) send();
      else if (!form.querySelector(".field-error")) say(words.savedText, "saved");
    } else if (reply.status === 400) {
      if (refused(sent) && pending.size) send();
    } else if (reply.status === 409) stop(words.late);
    else if (reply.status === 410) stop(words.gone);
    else if (reply.type === "opaqueredirect" || reply.status === 401 || reply.status === 403) stop(words.signedOut);
    else again();
  }

  const changed = (control) => {
    const id = idOf(control);
    if (!id || stopped) return;
    pending.set(id, valueOf(control));
    if (!batch) say(words.saving, "saving");
  };

  form.addEventListener("change", (event) => { changed(event.target); clearTimeout(typing); if (!tries) send(); });
  form.addEventListener("input", (event) => {
    if (event.target.tagName !== "TEXTAREA") return;
    changed(event.target);
    clearTimeout(typing);
    typing = setTimeout(() => { if (!tries) send(); }, 1200);
  });
  window.addEventListener("online", () => { if (batch || pending.size) send(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && !tries) send(); });

  /* Next waits a moment for what is under way; the page's own values go along anyway */
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) { event.preventDefault(); say(words.waiting, "waiting"); return; }
    if (!busy || stopped || form.dataset.going) return;
    event.preventDefault();
    form.dataset.going = "1";
    const button = event.submitter, start = Date.now();
    const go = () => { if (busy && Date.now() - start < 3000) setTimeout(go, 50); else form.requestSubmit(button); };
    go();
  });
  window.addEventListener("pageshow", () => { delete form.dataset.going; });
})();
