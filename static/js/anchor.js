"use strict";
/* Keeps the answer to the anchor question when somebody goes back to change another one. Sending saves it anyway. */
(() => {
  const place = document.querySelector("[data-anchor]");
  if (!place || !window.fetch) return;
  const token = document.querySelector('meta[name="csrf-token"]').content;
  place.addEventListener("change", (event) => {
    fetch(place.dataset.anchor, {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ key: "anchor", base: 0, answers: {}, anchor: event.target.value }),
    }).catch(() => {});
  });
})();
