"use strict";
// Searches, filters, sorts and pages the tables. It writes text and never markup, and the first rows that it writes are
// the ones that the page already has: without it, the page is whole but for later rows.
(() => {
  const { cells, keys, tables } = JSON.parse(document.getElementById("data").textContent);
  const number = new Intl.NumberFormat("en-US");
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const texts = cells.map((cell) => cell.map(([, text]) => text).join(" "));
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let searched;

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function written(parts) {
    return parts.flatMap(([look, text], place) => {
      // Where it is too long for its column, an address goes on at its "@".
      const pieces = text.split(/(?=@)/).flatMap((piece, place) => (place ? [element("wbr", {}), piece] : [piece]));
      const part = element("bdi", { class: look }, ...pieces);
      return place ? [" ", part] : [part];
    });
  }

  // Of all cells, which hold a word of the search.
  function matching(query) {
    searched ??= texts.map(plain);
    return plain(query).split(/\s+/).filter(Boolean).map((word) => searched.map((text) => text.includes(word)));
  }

  // Of all cells of a column, their order.
  function ranks(rows, column) {
    const unique = [...new Set(rows.map((row) => row[column]))];
    unique.sort((one, other) =>
      one in keys && other in keys ? keys[one] - keys[other] : collator.compare(texts[one], texts[other]));
    return new Map(unique.map((cell, place) => [cell, place]));
  }

  function upgrade(table) {
    const all = tables[table.id];
    const size = Number(table.dataset.first);
    const find = (what) => document.getElementById(`${table.id}-${what}`);
    const [search, filter, grouped, status, pages] = ["search", "filter", "grouped", "status", "pages"].map(find);
    const [previous, next] = pages.querySelectorAll("button");
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.map((head) => ({ title: head.textContent, look: head.className }));
    const sorted = { column: -1, way: "none" };
    let shown = all;
    let page = 0;

    function selected() {
      const words = matching(search?.value ?? "");
      const effect = filter?.value ? Number(filter.value) : -1;
      return all.filter((row) =>
        (effect < 0 || row[1] === effect) && words.every((found) => row.some((cell) => found[cell])));
    }

    function ordered(rows) {
      let found = rows;
      if (sorted.way !== "none") {
        const rank = ranks(rows, sorted.column);
        const sign = sorted.way === "ascending" ? 1 : -1;
        found = [...rows].sort((one, other) =>
          sign * (rank.get(one[sorted.column]) - rank.get(other[sorted.column])));
      }
      if (!grouped?.checked) return found;
      const groups = new Map();
      for (const row of found) {
        if (!groups.has(row[0])) groups.set(row[0], []);
        groups.get(row[0]).push(row);
      }
      return [...groups.values()].flat();
    }

    function line(row, head) {
      const made = element("tr", { role: "row" }, ...(head ? [head] : []));
      columns.slice(1).forEach((column, place) => {
        const attributes = { role: "cell", class: column.look, "data-label": column.title };
        made.append(element("td", attributes, ...written(cells[row[place + 1]])));
      });
      return made;
    }

    function draw() {
      const rows = shown.slice(page * size, (page + 1) * size);
      const bodies = [];
      for (let start = 0; start < rows.length;) {
        let end = start + 1;
        if (grouped?.checked) while (end < rows.length && rows[end][0] === rows[start][0]) end += 1;
        const attributes = { scope: "row", role: "rowheader" };
        if (grouped?.checked) Object.assign(attributes, { scope: "rowgroup", rowspan: end - start });
        if (grouped?.checked || !bodies.length) bodies.push(element("tbody", { role: "rowgroup" }));
        rows.slice(start, end).forEach((row, place) => {
          bodies.at(-1).append(line(row, place ? null : element("th", attributes, ...written(cells[row[0]]))));
        });
        start = end;
      }
      for (const body of [...table.tBodies]) body.remove();
      table.append(...bodies);
      say();
    }

    function say() {
      const whole = shown.length === all.length;
      const of = (some, every, one, many) =>
        `${whole ? "" : `${number.format(some)} of `}${number.format(every)} ${every === 1 ? one : many}`;
      const subjects = (rows) => new Set(rows.map((row) => row[0])).size;
      let said = of(shown.length, all.length, "row", "rows");
      if (status.dataset.one) {
        said += ` about ${of(subjects(shown), subjects(all), status.dataset.one, status.dataset.many)}`;
      }
      if (shown.length > size) {
        const last = Math.min(shown.length, (page + 1) * size);
        said += `; ${number.format(page * size + 1)} to ${number.format(last)} shown`;
      }
      if (status.textContent !== `${said}.`) status.textContent = `${said}.`;
      pages.hidden = shown.length <= size;
      previous.setAttribute("aria-disabled", page === 0);
      next.setAttribute("aria-disabled", (page + 1) * size >= shown.length);
    }

    function refresh() {
      shown = ordered(selected());
      page = 0;
      draw();
    }

    function turn(step) {
      const last = Math.ceil(shown.length / size) - 1;
      const to = Math.min(Math.max(page + step, 0), last);
      if (to === page) return;
      page = to;
      draw();
      table.scrollIntoView();
    }

    function sort(column) {
      const ways = ["ascending", "descending", "none"];
      sorted.way = column === sorted.column ? ways[(ways.indexOf(sorted.way) + 1) % ways.length] : "ascending";
      sorted.column = column;
      heads.forEach((head, place) => {
        if (place === column && sorted.way !== "none") head.setAttribute("aria-sort", sorted.way);
        else head.removeAttribute("aria-sort");
      });
      refresh();
    }

    if (all.length > 1) {
      heads.forEach((head, place) => {
        const button = element("button", { type: "button" }, head.textContent);
        button.addEventListener("click", () => sort(place));
        head.replaceChildren(button);
      });
    }
    search?.addEventListener("input", refresh);
    filter?.addEventListener("change", refresh);
    grouped?.addEventListener("change", refresh);
    previous.addEventListener("click", () => turn(-1));
    next.addEventListener("click", () => turn(1));
    const tools = table.parentElement.querySelector(".tools");
    tools.hidden = !tools.childElementCount;
    say();
  }

  document.querySelectorAll("table.list").forEach(upgrade);
})();
