// The Desk while it works: asks how far it is, and when something changed takes the Desk's live part anew.
const EVERY = 1000;

async function take(live) {
  const answer = await fetch("/desk/live", { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const inside = live.contains(document.activeElement);
  if (!inside) live.replaceChildren(...page.body.childNodes);
}

export function progress(live) {
  if (!live) return;
  let version = Number(live.dataset.version);
  let running = live.dataset.running === "yes";
  const said = document.getElementById("said");

  async function look() {
    try {
      const answer = await fetch("/progress", { headers: { accept: "application/json" } });
      if (!answer.ok) {
        window.location.assign("/");
        return;
      }
      const now = await answer.json();
      if (now.version !== version || now.running !== running) {
        if (running && !now.running) said.textContent = now.error ? "The work stopped." : "The work is done.";
        version = now.version;
        running = now.running;
        await take(live);
        document.dispatchEvent(new Event("muniment-changed"));
      }
    } catch {
      said.textContent = "The workbench does not answer: it may have been ended.";
    }
    window.setTimeout(look, running ? EVERY : EVERY * 4);
  }
  window.setTimeout(look, EVERY);
}
