// Ticking answers by keyboard: j and k or the arrows move, Space ticks as it does by itself, Ctrl+Enter sends.

const form = document.querySelector("[data-ticks]");
const boxes = form ? [...form.querySelectorAll("input[type=checkbox]")] : [];
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

addEventListener("keydown", (event) => {
  if (boxes.length === 0 || event.altKey) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[value=ticked]"));
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  const by = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  const arrow = event.key.startsWith("Arrow");
  if (!by || (arrow && !boxes.includes(document.activeElement))) return;
  event.preventDefault();
  const now = boxes.indexOf(document.activeElement);
  boxes[now < 0 ? 0 : Math.min(Math.max(now + by, 0), boxes.length - 1)].focus();
});
