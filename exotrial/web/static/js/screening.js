// The verdict beside each criterion while the answers are given. It is kept only when the form is sent.

import { send } from "./base.js";

const form = document.querySelector("form[data-weigh]");
const whole = form.querySelector("[data-weighed]");
let latest = 0;

function show(weighed) {
  for (const reason of weighed.reasons) {
    const place = form.querySelector(`[data-criterion="${CSS.escape(reason.criterion)}"] [data-verdict]`);
    if (!place) continue;
    const [word, kind] = reason.holds === null
      ? [whole.dataset.unknown, "warn"]
      : reason.holds ? [whole.dataset.holds, "good"] : [whole.dataset.fails, "bad"];
    const state = document.createElement("span");
    state.className = `state ${kind}`;
    state.textContent = word;
    const why = document.createElement("div");
    why.textContent = reason.why;
    place.replaceChildren(state, why);
  }
  const said = weighed.eligible ? whole.dataset.yes : whole.dataset.no;
  whole.classList.toggle("yes", weighed.eligible);
  if (whole.textContent !== said) whole.textContent = said;
}

async function weigh() {
  const mine = ++latest;
  const fields = new FormData(form);
  for (const name of ["name", "contact", "hospital_number", "code", "born"]) fields.delete(name);
  const { status, answer } = await send(location.pathname, fields);
  if (mine !== latest) return;
  if (status === 200) show(answer);
  else if (answer.errors.length) {
    whole.classList.remove("yes");
    whole.textContent = `${answer.errors[0].problem}. ${answer.errors[0].remedy}`;
  }
}

form.addEventListener("change", weigh);
