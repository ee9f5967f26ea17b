// A list worked through by keyboard: j and k move, Enter opens, a answers, c closes, Ctrl+Enter sends.

const list = document.querySelector("[data-worklist]");
const lines = list ? [...list.querySelectorAll("summary")] : [];
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

function move(by) {
  const now = lines.findIndex((line) => line.parentElement.contains(document.activeElement));
  const to = now < 0 ? 0 : Math.min(Math.max(now + by, 0), lines.length - 1);
  lines[to]?.focus();
}

/** Open the line one is at, and go to its text; Ctrl+Enter then presses the button that was chosen. */
function begin(does) {
  const line = lines.find((one) => one.parentElement.contains(document.activeElement));
  const button = line?.parentElement.querySelector(`button[value="${does}"]`);
  if (!button) return;
  line.parentElement.open = true;
  const text = button.form.querySelector("textarea");
  text.dataset.does = does;
  text.focus();
}

const typing = (target) => target.closest("input, textarea, select");

addEventListener("keydown", (event) => {
  if (typing(event.target)) {
    const form = event.target.form;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && list?.contains(form)) {
      const wished = form.querySelector(`button[value="${event.target.dataset.does}"]`);
      event.preventDefault();
      form.requestSubmit(wished ?? form.querySelector("button"));
    }
    if (event.key === "Escape" && list?.contains(form)) form.closest("details").querySelector("summary").focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const does = { j: () => move(1), k: () => move(-1), a: () => begin("answer"), c: () => begin("close") };
  does.ArrowDown = list?.contains(document.activeElement) ? does.j : undefined;
  does.ArrowUp = list?.contains(document.activeElement) ? does.k : undefined;
  if (list && does[event.key]) {
    event.preventDefault();
    does[event.key]();
  }
});
