// The form page: each field is saved as one leaves it; nothing typed is lost to a network, a session or a colleague.
// Other modules are loaded by the addresses in the page, which change with their content (a plain import's does not).

const words = document.getElementById("form-words").dataset;
const [{ send, say }, { wireKeys }, { askToSignIn }] = await Promise.all(
  [words.base, words.keys, words.again].map((address) => import(address)),
);
const form = document.getElementById("entry-form");
const sign = document.getElementById("save-sign");
const reasonField = document.getElementById("reason-field");
const isDraft = form.dataset.draft === "yes";
const controls = () => [...form.elements].filter((one) => /^[vmc]:/.test(one.name));
const entryOf = (key) => form.querySelector(`[data-key="${CSS.escape(key)}"]`);

let edits = 0;
let savedEdits = 0;
let saving = null;
let leaving = false;
let retryIn = 2000;
let retry = 0;

const dirty = () => edits !== savedEdits;

/** What each field held when it was last entered or left: a half-typed answer is no answer yet. */
const settled = new WeakMap();
const isHalfTyped = (one) => one === document.activeElement && settled.has(one) && settled.get(one) !== one.value;

function show(text, kind = "") {
  sign.textContent = text;
  sign.className = `save-sign ${kind}`;
}

/** Save everything on the screen as a draft; gives the status (0: no network), after what is under way. */
async function save() {
  while (saving) await saving; // two who wait must not both send on one revision
  clearTimeout(retry);
  saving = post().finally(() => { saving = null; });
  return saving;
}

async function post() {
  const before = edits;
  const fields = new FormData(form);
  for (const name of [...fields.keys()]) if (/^(q|near):/.test(name)) fields.delete(name);
  const typed = new Map(controls().map((one) => [one, one.value]));
  const half = controls().find(isHalfTyped);
  if (half) {
    fields.set(half.name, settled.get(half));
    typed.delete(half);
  }
  show(words.saving);
  const { status, answer } = await send(form.action, fields);
  if (status === 200) {
    retryIn = 2000;
    take(answer, typed);
    const aside = answer.aside.length > 0;
    if (!aside) savedEdits = half ? before - 1 : before;
    const why = answer.aside.some((one) => one.code === "OPR-012");
    if (dirty() && !aside) show(words.typed);
    else if (why) show(words.reason, "warn");
    else show(aside ? words.aside : words.saved, aside ? "warn" : "good");
  } else if (status === 401) {
    show(words.waiting, "bad");
    if (await askToSignIn()) return post();
  } else if (status === 0 || status === 503) {
    show(words.offline, "bad");
    retry = setTimeout(save, retryIn);
    retryIn = Math.min(retryIn * 2, 30000);
  } else if (answer.errors[0].code === "RCD-007") {
    show(words.stale, "bad");
    const compare = document.createElement("button");
    compare.name = "do";
    compare.value = "save";
    compare.textContent = words.compare;
    sign.append(" ", compare);
  } else {
    const [first] = answer.errors;
    show(`${words.refused}: ${first.problem}; ${first.remedy} (${first.code})`, "bad");
  }
  return status;
}

/** Show what the server kept, and beside each field what it did not keep or asks about. */
function take(answer, typed) {
  form.elements.revision.value = answer.revision;
  for (const entry of form.querySelectorAll("[data-key]")) {
    entry.classList.remove("wrong", "changed");
    entry.querySelector("[data-errors]").textContent = "";
    entry.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  }
  for (const [key, { text, words: day }] of Object.entries(answer.fields)) {
    const entry = entryOf(key);
    const control = document.getElementById(`v-${key}`);
    if (control && control.value === typed.get(control)) {
      control.value = text;
      if (settled.has(control)) settled.set(control, text);
    }
    const shown = entry?.querySelector(".day-words");
    if (shown) shown.textContent = day;
  }
  for (const { key, problem, remedy, code } of answer.aside) mark(key, problem, remedy, code);
  const why = answer.aside.some((one) => one.code === "OPR-012");
  if (why) reasonField.hidden = false;
  else if (!answer.aside.length) form.elements.reason.value = "";
  showQueries(answer.queries);
}

function mark(key, problem, remedy, code) {
  const entry = entryOf(key);
  if (!entry) return;
  entry.classList.add(code === "OPR-012" ? "changed" : "wrong");
  entry.querySelector("[data-errors]").textContent = `${problem[0].toUpperCase()}${problem.slice(1)}: ${remedy} ${code}`;
  document.getElementById(`v-${key}`)?.setAttribute("aria-invalid", "true");
  say(`${problem}. ${remedy}`);
}

function showQueries(queries) {
  const open = new Set(queries.map((one) => String(one.query)));
  for (const shown of form.querySelectorAll("[data-query]")) {
    const answer = shown.querySelector("textarea");
    if (!open.has(shown.dataset.query) && !answer?.value) shown.remove();
  }
  for (const one of queries) {
    if (form.querySelector(`[data-query="${one.query}"]`)) continue;
    const place = entryOf(one.key)?.querySelector("[data-queries]");
    if (!place) continue;
    const shown = document.createElement("p");
    shown.className = "asked";
    shown.dataset.query = one.query;
    shown.textContent = `${words.query}: ${one.text}`;
    place.append(shown);
    say(one.text);
  }
}

form.addEventListener("input", (event) => {
  edits += 1;
  show(words.typed);
  leaveOneOf(event.target);
  if (!isDraft && /^[vmc]:/.test(event.target.name)) reasonField.hidden = false;
});

/** An answer and the reason why there is none exclude each other. */
function leaveOneOf(control) {
  const [kind, key] = [control.name.slice(0, 2), control.name.slice(2)];
  const other = form.elements[`${kind === "v:" ? "m:" : "v:"}${key}`];
  if (!other || !control.value || !["v:", "m:"].includes(kind)) return;
  if (other instanceof RadioNodeList) for (const one of other) one.checked = one.value === "";
  else other.value = "";
}

const isTyped = (one) => one.tagName === "TEXTAREA" || ["text", "number", "search"].includes(one.type);
const enter = (one) => { if (one && isTyped(one)) settled.set(one, one.value); };
form.addEventListener("focusin", ({ target }) => enter(target));
enter(document.activeElement);
form.addEventListener("change", (event) => {
  if (settled.has(event.target)) settled.set(event.target, event.target.value);
  if (isDraft && /^([vmc]:|reason$)/.test(event.target.name)) save();
});
addEventListener("online", () => { if (dirty() && isDraft) save(); });
addEventListener("beforeunload", (event) => { if (dirty() && !leaving) event.preventDefault(); });

// Before the page is left for a save, it is made sure that there is somewhere to go: a server, and a session.
form.addEventListener("submit", async (event) => {
  if (leaving) return;
  event.preventDefault();
  const button = event.submitter;
  const added = button?.dataset.add;
  delete form.dataset.sent;
  if (added) return addRow(button);
  while (saving) await saving;
  const answer = await fetch(form.action, { headers: { "X-Requested-With": "exotrial" } }).catch(() => null);
  if (!answer) return show(words.offline, "bad");
  if (answer.status === 401 && !(await askToSignIn())) return show(words.waiting, "bad");
  leaving = true;
  form.requestSubmit(button);
});
addEventListener("pageshow", () => { leaving = false; });

function addRow(button) {
  const template = button.parentElement.querySelector("template");
  const key = crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, "0");
  const copy = document.createElement("div");
  copy.innerHTML = template.innerHTML.replaceAll("NEWROW", key);
  const row = copy.firstElementChild;
  template.before(row);
  row.querySelector("[name^='v:']").focus();
}

if (!reasonField.classList.contains("shown") && !form.elements.reason.value) reasonField.hidden = true;
document.getElementById("sign-form")?.addEventListener("submit", (event) => {
  if (!dirty()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  show(words.typed, "warn");
}, { capture: true });
wireKeys(form, { save: () => (isDraft ? save() : document.getElementById("save").click()), controls });
