// Single keys: / ? j k n p [ ] s t. They can be switched off in the help, for people who speak to their machine.
const KEPT = "muniment-keys";

function wanted() {
  return sessionStorage.getItem(KEPT) !== "off";
}

function writing(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement);
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function follow(key) {
  const link = document.querySelector(`a[data-key="${CSS.escape(key)}"]`);
  if (link) link.click();
  return Boolean(link);
}

function press(event, help) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (event.key === "Escape" && writing(event.target)) {
    event.target.blur();
    return true;
  }
  if (!wanted() || writing(event.target) || help.open) return false;
  switch (event.key) {
    case "/":
      document.querySelector("[data-focus='/']")?.focus();
      document.querySelector("[data-focus='/']")?.select();
      return true;
    case "?":
      help.showModal();
      return true;
    case "j":
      return follow("j") || step(1);
    case "k":
      return follow("k") || step(-1);
    case "n":
      return follow("n") || (document.querySelector(".hits") !== null && step(1));
    case "p":
      return follow("p") || (document.querySelector(".hits") !== null && step(-1));
    case "s":
      document.querySelector("[data-press='s']")?.click();
      return true;
    case "t":
      document.querySelector("[data-focus='t']")?.focus();
      return true;
    case "[":
    case "]":
      return follow(event.key);
    default:
      return false;
  }
}

export function keys() {
  const help = document.getElementById("help");
  const box = document.getElementById("keys-on");
  box.checked = wanted();
  box.addEventListener("change", () => sessionStorage.setItem(KEPT, box.checked ? "on" : "off"));
  document.querySelector("[data-opens='help']")?.addEventListener("click", (event) => {
    event.preventDefault();
    help.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (press(event, help)) event.preventDefault();
  });
}
