/* Live updates of the board. Everything works without this file; then one loads the page again. */
(() => {
  "use strict";
  const lanes = document.querySelector("[data-stream]");
  if (!lanes || !("EventSource" in window)) return;

  const language = document.documentElement.lang;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const state = document.querySelector("[data-state]");
  const pause = document.querySelector("[data-pause]");
  const latest = document.querySelector("[data-latest]");
  let view = lanes.dataset.view;
  const reload = document.querySelector("[data-reload]");
  let source = null;
  let patience = 1000;
  let again = 0;

  // The network's clock, which may run faster than this browser's.
  const speed = Number(lanes.dataset.speed);
  let shown = Date.parse(lanes.dataset.now);
  let shownAt = performance.now();
  const now = () => shown + (performance.now() - shownAt) * speed;

  const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const lasting = (milliseconds) => {
    const seconds = Math.max(0, Math.round(milliseconds / 1000));
    const [unit, size] = UNITS.find(([, size]) => seconds >= size) || UNITS.at(-1);
    return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(Math.round(seconds / size));
  };
  const refreshTimes = () => {
    for (const time of document.querySelectorAll("time[data-since]")) {
      const said = lasting(now() - Date.parse(time.dateTime));
      if (time.textContent !== said) time.textContent = said;
    }
  };

  const fromHtml = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  // The lanes are made exactly as the server says; cards that were elsewhere glide to their new place.
  const show = (message) => {
    shown = Date.parse(message.now);
    shownAt = performance.now();
    const cards = new Map([...lanes.querySelectorAll("[data-referral]")].map((card) => [card.dataset.referral, card]));
    const before = new Map([...cards].map(([id, card]) => [id, card.getBoundingClientRect()]));
    const focused = document.activeElement?.closest("[data-referral]")?.dataset.referral;
    const fresh = new Set();
    for (const [id, html] of Object.entries(message.cards)) {
      cards.set(id, fromHtml(html).firstElementChild);
      fresh.add(id);
    }
    for (const [name, lane] of Object.entries(message.lanes)) {
      const column = lanes.querySelector(`[data-lane="${name}"]`);
      column.querySelector("[data-count]").textContent = lane.count;
      const water = column.querySelector("[data-level]");
      water.setAttribute("height", lane.level);
      water.setAttribute("y", 20 - lane.level);
      column.querySelector("[data-cards]").replaceChildren(...lane.cards.map((id) => cards.get(id)).filter(Boolean));
    }
    latest.replaceChildren(fromHtml(message.latest));
    refreshTimes();
    if (focused) lanes.querySelector(`[data-referral="${CSS.escape(focused)}"] a`)?.focus({ preventScroll: true });
    if (!still.matches && !document.hidden) glide(before, fresh);
  };

  const glide = (before, fresh) => {
    // Not a class: a stylesheet's animation would begin again each time the card is put in its place.
    const tint = getComputedStyle(lanes).getPropertyValue("--water-soft");
    const timing = { duration: 700, easing: "cubic-bezier(.2,.7,.2,1)" };
    for (const card of lanes.querySelectorAll("[data-referral]")) {
      const old = before.get(card.dataset.referral);
      const place = card.getBoundingClientRect();
      if (!old) {
        card.animate([{ opacity: 0, transform: "translateY(-12px)" }, { opacity: 1, transform: "none" }], timing);
      } else if (old.left !== place.left || old.top !== place.top) {
        const from = `translate(${old.left - place.left}px, ${old.top - place.top}px)`;
        card.animate([{ transform: from, zIndex: 1 }, { transform: "none", zIndex: 1 }], timing);
      }
      if (fresh.has(card.dataset.referral)) card.animate({ backgroundColor: tint, offset: 0 }, 2500);
    }
  };

  const say = (name) => {
    state.dataset.state = name;
    state.textContent = state.dataset[`${name}Text`];
  };
  const listen = () => {
    source = new EventSource(`${lanes.dataset.stream}?since=${encodeURIComponent(view)}`);
    source.addEventListener("open", () => {
      say("live");
      patience = 1000;
      reload.hidden = true;
    });
    source.addEventListener("error", () => {
      say("lost");
      // The browser comes back by itself when the connection broke, but not when it was refused: the service
      // may be starting again, or the session has ended and only loading the page helps.
      if (source.readyState !== EventSource.CLOSED) return;
      reload.hidden = false;
      again = setTimeout(listen, patience * (0.75 + Math.random() / 2)); // not all browsers at once
      patience = Math.min(2 * patience, 5000);
    });
    source.addEventListener("board", (event) => {
      view = event.lastEventId;
      show(JSON.parse(event.data));
    });
  };
  pause.addEventListener("click", () => {
    const running = source !== null;
    if (running) {
      clearTimeout(again);
      source.close();
      source = null;
      say("paused");
    } else {
      listen();
    }
    pause.textContent = running ? pause.dataset.resumeText : pause.dataset.pauseText;
  });

  document.querySelector("[data-live]").hidden = false;
  reload.hidden = true;
  setInterval(refreshTimes, 5000);
  listen();
})();

/* A page that lists what is to be done says when there is more, and moves nothing until it is asked to. */
(() => {
  "use strict";
  const news = document.querySelector("[data-news]");
  if (!news || !("EventSource" in window)) return;
  const link = news.querySelector("a");
  new EventSource(news.dataset.news).addEventListener("news", (event) => {
    const { count, said } = JSON.parse(event.data);
    link.hidden = count === 0;
    link.textContent = said;
  });
})();

/* What is written in a long form is kept as it is written, quietly. Without this file there is a button for it. */
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const said = form.querySelector("[data-draft-said]");
    const button = form.querySelector("[data-draft-button]");
    if (!said || !button) continue;
    let waiting = 0;
    let sending = false;
    const keep = async () => {
      waiting = 0;
      if (sending) return;
      try {
        const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" }, keepalive: true });
        const kept = (answer.headers.get("content-type") || "").startsWith("application/json");
        said.textContent = answer.ok && kept ? (await answer.json()).said : answer.redirected ? said.dataset.draftLost : "";
      } catch {
        // The next keystroke tries again.
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(keep, 1200);
    });
    form.addEventListener("submit", () => {
      sending = true;
      clearTimeout(waiting);
    });
    addEventListener("pagehide", () => {
      if (waiting) keep();
    });
  }
})();
