// The form by keyboard alone: Enter goes on, Ctrl+S saves, Ctrl+Enter completes, letters choose, ? tells the keys.

const isText = (one) => one.matches("textarea, input:not([type=radio]):not([type=checkbox])");
const isSeen = (one) => one.type !== "hidden" && !one.closest("details:not([open])") && one.getClientRects().length > 0;

/** One stop for each field, in the order of the page; of a group of choices the one that Tab stops at. */
function stops(controls) {
  const found = new Map();
  for (const one of controls().filter(isSeen)) {
    if (!found.has(one.name) || one.checked) found.set(one.name, one);
  }
  return [...found.values()];
}

function goOn(form, controls, from) {
  const all = stops(controls);
  const here = all.findIndex((one) => one.name === from.name);
  const next = here < 0 ? null : all[here + 1];
  const end = document.getElementById("complete") ?? document.getElementById("save");
  (next ?? end).focus();
  if (next && isText(next)) next.select();
}

/** In a group of choices a first letter or the place of a choice chooses it. */
function choose(form, target, key) {
  const group = [...form.elements].filter((one) => one.name === target.name && one.value !== "");
  const label = (one) => one.closest("label").textContent.trim().toLowerCase();
  const chosen = /^[1-9]$/.test(key) && !group.some((one) => label(one).startsWith(key))
    ? group[Number(key) - 1]
    : group.find((one) => label(one).startsWith(key.toLowerCase()));
  if (!chosen) return false;
  chosen.focus();
  chosen.click();
  return true;
}

export function wireKeys(form, { save, controls }) {
  const help = document.getElementById("keys-dialog");
  const button = document.getElementById("keys-button");
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.isComposing) return;
    const { target, key } = event;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const inForm = form.contains(target);
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "s") {
      target.dispatchEvent(new Event("change", { bubbles: true }));
      save();
    } else if ((event.ctrlKey || event.metaKey) && key === "Enter" && inForm) {
      (document.getElementById("complete") ?? document.getElementById("save")).click();
    } else if (event.altKey && event.code === "KeyN" && inForm) {
      const missing = target.closest("[data-key]")?.querySelector("details.missing");
      if (!missing) return;
      missing.open = true;
      missing.querySelector("select").focus();
    } else if (event.altKey && event.code === "KeyA" && inForm) {
      const section = target.closest("[data-group]");
      (section?.querySelector("[data-add]") ?? form.querySelector("[data-add]"))?.click();
    } else if (plain && key === "Enter" && inForm && /^([vmc]:|reason$)/.test(target.name) && target.tagName !== "TEXTAREA") {
      goOn(form, controls, target);
    } else if (plain && key === "?" && !isText(target)) {
      help.showModal();
    } else if (plain && key.length === 1 && key !== " " && target.type === "radio" && inForm && choose(form, target, key)) {
      // chosen
    } else {
      return;
    }
    event.preventDefault();
  });
}
