// While an export is being made, its table is fetched anew; without scripts there is a link that does it.
const PAUSE = 1000;

async function look() {
  const shown = document.getElementById("exports");
  if (shown === null || shown.dataset.open !== "yes") return;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("exports");
      if (next !== null && (next.dataset.open !== "yes" || !shown.contains(document.activeElement))) {
        for (const one of next.querySelectorAll("[data-hide-with-script]")) one.hidden = true;
        shown.replaceWith(next);
        if (next.dataset.open !== "yes") document.getElementById("live").textContent = next.querySelector("tbody tr .state")?.textContent ?? "";
      }
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no network: asked again
  }
  setTimeout(look, PAUSE);
}

setTimeout(look, PAUSE);
