// In the Reader, words that are selected in the text become the passage of the next note.
function offsetIn(words, node, offset) {
  let count = Number(words.dataset.start) || 0;
  for (const line of words.querySelectorAll(":scope > p")) {
    if (line.contains(node)) {
      const before = document.createRange();
      before.setStart(line, 0);
      before.setEnd(node, offset);
      return count + [...before.toString()].length;
    }
    count += [...line.textContent].length + 1;
  }
  return count;
}

export function selecting() {
  const words = document.querySelector(".words[data-start]");
  const passage = document.querySelector("[data-passage]");
  const start = document.querySelector("[data-start][type=hidden]");
  if (!words || !passage || !start) return;
  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.rangeCount) return;
    const range = chosen.getRangeAt(0);
    if (!words.contains(range.startContainer) || !words.contains(range.endContainer)) return;
    passage.value = chosen.toString();
    start.value = String(offsetIn(words, range.startContainer, range.startOffset));
  });
}
