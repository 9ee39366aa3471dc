/* Health that keeps itself up to date. Without this file one loads the page again. */
(() => {
  "use strict";
  const place = document.querySelector("[data-refresh]");
  const told = document.querySelector("[data-refreshed]");
  if (!place || !told) return;
  told.hidden = false;
  const EVERY = 3000;
  let last = "";
  const refresh = async () => {
    if (!document.hidden && !place.contains(document.activeElement)) {
      try {
        const answer = await fetch(place.dataset.refresh, { headers: { accept: "text/html" } });
        if (answer.ok && !answer.redirected) {
          const fresh = await answer.text();
          if (fresh !== last) {
            place.innerHTML = fresh;
            last = fresh;
          }
        }
      } catch {
        // the service is away for a moment; the next look comes soon
      }
    }
    setTimeout(refresh, EVERY);
  };
  setTimeout(refresh, EVERY);
})();
