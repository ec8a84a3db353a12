// What was done to the desk, for mixers: an answer that comes piece by piece.

import { button, byId, clock, el, head, keepAtEnd, plural } from "./dom.js";
import { nameOf } from "./directory.js";
import { explain } from "./notices.js";
import { isMixer, on, studio } from "./session.js";

const KEPT = 200;
const WORDS = { "mixer/volume_up": "turned a fader up", "mixer/volume_down": "turned a fader down" };
const list = el("ol", { tabIndex: 0, ariaLabel: "Changes of the desk" });
const count = el("small");
const again = button("Read again", () => read(), { class: "small" });

export function start() {
  byId("log").append(head("log-title", "Log of the desk", count, again), list);
  on("in", read);
}

async function read() {
  if (!isMixer()) return;
  again.disabled = true;
  list.replaceChildren();
  let changes = 0;
  try {
    for await (const change of studio.log.read()) {
      changes++;
      count.textContent = plural(changes, "change");
      keepAtEnd(list, () => add(change));
    }
    count.textContent = changes === 0 ? "nothing has been moved yet" : plural(changes, "change");
  } catch (failure) {
    if (!failure.error) throw failure;
    count.textContent = explain(failure.error);
  } finally {
    again.disabled = false;
  }
}

/** The same done by the same again makes a line count and not another one. */
function add({ at, by, message }) {
  const what = `${by ? nameOf(by) : "somebody"} ${WORDS[message] ?? message}`;
  const last = list.lastElementChild;
  if (last?.dataset.what === what) {
    last.dataset.times = Number(last.dataset.times) + 1;
    last.lastElementChild.textContent = ` × ${last.dataset.times}`;
    return;
  }
  const row = el("li", {}, clock(at), el("span", {}, what), el("span"));
  Object.assign(row.dataset, { what, times: 1 });
  list.append(row);
  if (list.children.length > KEPT) list.firstElementChild.remove();
}
