/* Live events, and the keyboard. Everything works without this file; then one loads the page again. */
(() => {
  "use strict";
})();
