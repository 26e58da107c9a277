// Files and folders dropped anywhere on a page go to /drop, one form for all, with progress.
async function within(entry, path, found) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    found.push([path + entry.name, file]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const child of some) await within(child, `${path}${entry.name}/`, found);
  }
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => [file.name, file]);
  const found = [];
  for (const entry of entries) await within(entry, "", found);
  return found;
}

function send(files, articles, tell) {
  const form = new FormData();
  if (articles) form.append("articles", "yes");
  for (const [path, file] of files) form.append("files", file, path);
  const request = new XMLHttpRequest();
  request.open("POST", "/drop");
  request.setRequestHeader("accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) tell(`Taking in ${Math.floor((100 * event.loaded) / event.total)} %`);
  });
  request.addEventListener("load", () => {
    if (request.status === 202) {
      window.location.assign("/");
      return;
    }
    let said = "The files could not be taken.";
    try {
      const { error } = JSON.parse(request.responseText);
      said = `${error.message} ${error.next}`;
    } catch { /* not JSON: the sentence above says it */ }
    tell(said, true);
  });
  request.addEventListener("error", () => tell("The files did not come whole. Drop them again.", true));
  request.send(form);
}

export function dropping(cover, form) {
  const words = cover.querySelector("p");
  const said = document.getElementById("said");
  const first = words.textContent;
  let depth = 0;

  function tell(text, ended = false) {
    cover.hidden = false;
    words.textContent = text;
    said.textContent = text;
    if (ended) cover.addEventListener("click", () => { cover.hidden = true; words.textContent = first; }, { once: true });
  }
  const files = (event) => event.dataTransfer?.types.includes("Files");
  window.addEventListener("dragenter", (event) => {
    if (!files(event)) return;
    depth += 1;
    cover.hidden = false;
  });
  window.addEventListener("dragleave", (event) => {
    if (!files(event)) return;
    depth -= 1;
    if (depth <= 0) cover.hidden = true;
  });
  window.addEventListener("dragover", (event) => { if (files(event)) event.preventDefault(); });
  window.addEventListener("drop", async (event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth = 0;
    const found = await dropped(event.dataTransfer);
    if (found.length) send(found, false, tell);
    else cover.hidden = true;
  });
  form?.addEventListener("submit", (event) => {
    const chosen = form.querySelector("input[type=file]").files;
    if (!chosen.length) return;
    event.preventDefault();
    send([...chosen].map((file) => [file.name, file]), form.querySelector("[name=articles]").checked, tell);
  });
}
