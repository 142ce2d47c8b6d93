// Which documents are shown, in which order. Without this script all are, in the order in which they stand.
"use strict";
{
  const rows = document.getElementById("rows");
  const all = [...rows.children].map((row, place) => {
    const [runs, standings] = row.dataset.standings.split("|").map((told) => told.trim().split(" ").map(Number));
    return { row, place, name: row.dataset.name, has: row.dataset.has.split(" "), of: new Map(runs.map((run, at) => [run, standings[at]])) };
  });
  const [find, only, order, shown] = ["find", "only", "order", "shown"].map((id) => document.getElementById(id));
  const spread = ({ of }) => Math.max(...of.values()) - Math.min(...of.values());
  const least = (run) => ({ of }) => of.get(run) ?? 2;
  const first = {
    "": (one, other) => one.place - other.place,
    name: (one, other) => one.name.localeCompare(other.name),
    apart: (one, other) => spread(other) - spread(one) || one.place - other.place,
  };

  function arrange() {
    const words = find.value.trim().toLowerCase();
    const by = first[order.value] ?? ((one, other) => least(Number(order.value))(one) - least(Number(order.value))(other) || one.place - other.place);
    let count = 0;
    for (const one of [...all].sort(by)) {
      const fits = (!only.value || one.has.includes(only.value)) && (!words || one.row.textContent.toLowerCase().includes(words));
      one.row.hidden = !fits;
      count += fits;
      rows.append(one.row);
    }
    shown.textContent = `${count} of ${all.length}`;
  }

  const tools = document.querySelector(".tools");
  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("input", arrange);
  arrange();
}
