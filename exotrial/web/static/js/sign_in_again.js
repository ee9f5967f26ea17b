// The session has ended while one typed: sign in over the page, which stays as it is. Only the same person can.

const dialog = document.getElementById("sign-in-dialog");
let waiting = null;

/** Ask for the password; resolves to whether the person is signed in again. */
export function askToSignIn() {
  waiting ??= new Promise((resolve) => {
    const form = dialog.querySelector("form");
    const told = form.querySelector("[role=alert]");
    let done = false;
    form.onsubmit = async (event) => {
      event.preventDefault();
      told.textContent = "";
      const csrf = document.querySelector("meta[name=exotrial-csrf]").content;
      const headers = { "X-Requested-With": "exotrial", "X-CSRFToken": csrf };
      const asked = { method: "POST", body: new FormData(form), redirect: "manual", headers };
      const answer = await fetch("/sign-in", asked).catch(() => null);
      if (answer?.type === "opaqueredirect") {
        done = true;
        return dialog.close();
      }
      const refused = (await answer?.json().catch(() => null))?.errors?.[0];
      if (refused?.code === "AUT-003") form.querySelector("[name=code]").closest(".field").hidden = false;
      told.textContent = refused ? `${refused.problem}; ${refused.remedy}` : "…";
    };
    dialog.onclose = () => {
      form.reset();
      waiting = null;
      resolve(done);
    };
    dialog.showModal();
    form.querySelector("[name=password]").focus();
  });
  return waiting;
}
