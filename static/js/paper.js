"use strict";
/* Typing in a paper by keyboard: a digit answers and goes on, minus leaves open, Enter goes on. Without it: Tab and arrows. */
(() => {
  const form = document.querySelector("form[data-paper]");
  if (!form) return;
  let typed = "", timer = 0;
  const questions = () => [...form.querySelectorAll("[data-question]")];
  const first = (question) => question.querySelector("input:checked, input, textarea");
  const on = (question) => {
    const next = questions()[questions().indexOf(question) + 1];
    const target = next ? first(next) : form.querySelector("button[type=submit]");
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  };
  const pick = (question, value) => {
    const found = [...question.querySelectorAll("input[type=radio]")].find((one) => one.value === value);
    if (!found) return false;
    found.checked = true;
    found.focus();
    return true;
  };
  form.addEventListener("keydown", (event) => {
    const control = event.target, question = control.closest("[data-question]");
    if (!question || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && control.tagName === "INPUT") { event.preventDefault(); on(question); return; }
    if (control.type !== "radio") return;
    if (event.key === "-") { event.preventDefault(); pick(question, ""); on(question); return; }
    if (!/^[0-9]$/.test(event.key)) return;
    event.preventDefault();
    clearTimeout(timer);
    typed = typed + event.key;
    if (!pick(question, typed)) { typed = event.key; if (!pick(question, typed)) { typed = ""; return; } }
    const more = [...question.querySelectorAll("input[type=radio]")].some((one) => one.value.length > typed.length && one.value.startsWith(typed));
    const finish = () => { typed = ""; on(question); };
    if (more) timer = setTimeout(finish, 700); else finish();
  });
})();
