// The Reader opens at the hit: the words in the text, and their box on the picture, both in the middle of their pane.
function toMiddle(pane, thing) {
  const outer = pane.getBoundingClientRect();
  const inner = thing.getBoundingClientRect();
  pane.scrollTop += inner.top - outer.top - pane.clientHeight / 2 + inner.height / 2;
}

export function atTheHit() {
  const text = document.getElementById("hit");
  const box = document.querySelector(".pane.picture .boxes rect.here");
  if (!text && !box) return;
  const image = document.querySelector(".pane.picture img");
  const go = () => {
    for (const thing of [box, text]) {
      const pane = thing?.closest(".pane");
      if (pane && pane.scrollHeight > pane.clientHeight) toMiddle(pane, thing);
    }
  };
  go();
  if (image && !image.complete) image.addEventListener("load", go, { once: true });
}
