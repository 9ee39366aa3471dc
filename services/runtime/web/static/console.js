/* Live events, and the keyboard. Everything works without this file; then one loads the page again. */
(() => {
  "use strict";

  const frame = document.querySelector("[data-tail]");
  const list = document.querySelector("[data-events]");

  const live = () => {
    const most = Number(frame.dataset.most);
    const nothing = document.querySelector("[data-nothing]");
    const state = document.querySelector("[data-state]");
    const pause = document.querySelector("[data-pause]");
    // Only where the reader is: rows that were rendered are never told again, and none is left out.
    let after = frame.dataset.after;
    let held = [];
    let paused = false;
    let patience = 1000;

    const say = (name) => {
      state.dataset.state = name;
      state.textContent = state.dataset[`${name}Text`];
    };
    const label = () => {
      pause.textContent = !paused
        ? pause.dataset.pauseText
        : held.length
          ? pause.dataset.waitingText.replace("#", held.length)
          : pause.dataset.resumeText;
    };
    const show = (rows) => {
      if (!rows.length) return;
      nothing?.remove();
      const template = document.createElement("template");
      // The newest on top; what the page cannot hold is a page away.
      template.innerHTML = rows.slice(-most).reverse().map((row) => row.html).join("");
      for (const row of template.content.children) row.classList.add("event-fresh");
      list.prepend(template.content);
      while (list.children.length > most) list.lastElementChild.remove();
    };
    const listen = () => {
      const address = frame.dataset.tail + (frame.dataset.tail.includes("?") ? "&" : "?") + `after=${after}`;
      const source = new EventSource(address);
      source.addEventListener("open", () => {
        patience = 1000;
        say(paused ? "paused" : "live");
      });
      source.addEventListener("rows", (event) => {
        after = event.lastEventId;
        const { rows } = JSON.parse(event.data);
        if (paused) held.push(...rows);
        else show(rows);
        label();
      });
      source.addEventListener("error", () => {
        say("lost");
        // The browser comes back by itself when the connection broke, but not when it was refused.
        if (source.readyState !== EventSource.CLOSED) return;
        setTimeout(listen, patience * (0.75 + Math.random() / 2));
        patience = Math.min(2 * patience, 5000);
      });
    };
    pause.addEventListener("click", () => {
      paused = !paused;
      say(paused ? "paused" : "live");
      if (!paused) {
        show(held);
        held = [];
      }
      label();
    });
    document.querySelector("[data-live]").hidden = false;
    listen();
  };

  /* Single keys can be switched off, and do nothing while somebody writes (WCAG 2.1.4). */
  const keyboard = () => {
    const KEPT = "sluss-console-keys";
    let on = localStorage.getItem(KEPT) !== "off";
    const button = document.querySelector("[data-keys-switch]");
    if (button) {
      const label = () => (button.textContent = on ? button.dataset.onText : button.dataset.offText);
      button.addEventListener("click", () => {
        on = !on;
        localStorage.setItem(KEPT, on ? "on" : "off");
        label();
      });
      document.querySelector("[data-keys]").hidden = false;
      label();
    }
    const links = () => [...document.querySelectorAll("[data-events] .card-link")];
    const move = (steps) => {
      const all = links();
      const at = all.indexOf(document.activeElement);
      const next = all[at < 0 ? (steps > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + steps, 0), all.length - 1)];
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
    };
    const KEYS = {
      j: () => move(1),
      k: () => move(-1),
      "/": () => document.querySelector("[data-first]")?.focus(),
      p: () => document.querySelector("[data-pause]")?.click(),
      s: () => {
        const story = document.activeElement?.closest("[data-story]")?.dataset.story;
        if (story) location.assign(`/console/story/${encodeURIComponent(story)}`);
      },
    };
    document.addEventListener("keydown", (event) => {
      if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.target.closest("input, select, textarea, [contenteditable]")) return;
      const act = KEYS[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  };

  if (frame && list && "isLive" in frame.dataset && "EventSource" in window) live();
  if (list) keyboard();
})();
