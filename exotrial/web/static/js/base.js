// What every page does with a script, and does as well without one, only with a button more.

/** One sentence for screen readers and, where `near` is given, nowhere else. */
export function say(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

/**
 * Send a form's fields or an object to an address of ours. Gives {status, answer}; never throws for a refusal.
 * A network that is gone is status 0.
 */
export async function send(address, fields) {
  const body = fields instanceof FormData ? fields : new FormData();
  if (!(fields instanceof FormData)) {
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
  }
  const csrf = document.querySelector("meta[name=exotrial-csrf]").content;
  try {
    const response = await fetch(address, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "exotrial", "X-CSRFToken": csrf },
    });
    return { status: response.status, answer: await response.json() };
  } catch {
    return { status: 0, answer: { errors: [] } };
  }
}

// A page's own script imports this file by another address than the page does, so that it runs twice: what listens,
// listens once, else the second would take the first's sending for a second click.
const root = document.documentElement;
if (!root.dataset.listening) {
  root.dataset.listening = "yes";

  for (const button of document.querySelectorAll("[data-hide-with-script]")) button.hidden = true;

  for (const select of document.querySelectorAll("[data-send-on-change]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  // A second click while the first is on its way sends nothing.
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  }
  // Coming back by the back button, the form may be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  const refused = document.querySelector(".refused");
  if (refused) refused.focus();
}
