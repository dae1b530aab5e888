/* The barrier map: one stop for Tab, arrow keys inside it. Without script each rating is an ordinary link. */
"use strict";
(() => {
  const map = document.querySelector("table[data-map]");
  if (!map) return;

  /* Lines of the map: the client's and the clinician's of each barrier; a place without a rating is empty. */
  const lines = [];
  for (const row of map.querySelectorAll("[data-ratings] > tr")) {
    const cells = [...row.cells].slice(1, -1);
    for (const who of [".h-client", ".h-clinician"]) lines.push(cells.map((cell) => cell.querySelector(`a${who}`)));
  }
  const width = lines[0]?.length || 0;
  const all = lines.flat().filter(Boolean);
  if (!all.length) return;

  let here;
  const stop = (link) => {
    if (here) here.tabIndex = -1;
    here = link;
    here.tabIndex = 0;
  };
  all.forEach((link) => { link.tabIndex = -1; });
  const last = (line) => line.findLast(Boolean);
  stop(lines.map(last).find(Boolean));

  const place = () => {
    const line = lines.findIndex((one) => one.includes(here));
    return [line, lines[line].indexOf(here)];
  };
  /* The next rating in this direction; empty places are stepped over. */
  const along = (line, column, down, right) => {
    for (let y = line + down, x = column + right; y >= 0 && y < lines.length && x >= 0 && x < width; y += down, x += right) {
      if (lines[y][x]) return lines[y][x];
    }
    return null;
  };
  const moves = {
    ArrowRight: (line, column) => along(line, column, 0, 1),
    ArrowLeft: (line, column) => along(line, column, 0, -1),
    ArrowDown: (line, column) => along(line, column, 1, 0),
    ArrowUp: (line, column) => along(line, column, -1, 0),
    Home: (line) => lines[line].find(Boolean),
    End: (line) => last(lines[line]),
  };
  map.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey || !all.includes(event.target)) return;
    event.preventDefault();
    stop(event.target);
    const next = move(...place());
    if (next) { stop(next); next.focus(); }
  });
  map.addEventListener("focusin", (event) => { if (all.includes(event.target)) stop(event.target); });
  document.querySelectorAll(".map-keys").forEach((hint) => { hint.hidden = false; });
})();
