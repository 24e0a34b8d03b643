// Before the first paint, so that a page never flashes in the other theme.
(function () {
  var kept = null;
  try {
    kept = localStorage.getItem("theme");
  } catch (refused) {
    /* storage may be off: the system's theme it is */
  }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
