/* Leaving in a hurry. Without this file the link goes to the same place, but the way back stays open. */
(() => {
  "use strict";
  for (const link of document.querySelectorAll("[data-leave]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.body.hidden = true; // at once, whatever the network does
      location.replace(link.href); // this page is gone from the way back
    });
  }
})();
