// Waiting for what a client tells.

/** The next thing told that is wanted. */
export function next(source, what, wanted = () => true) {
  return new Promise((resolve) => {
    const off = source.on(what, (told) => {
      if (!wanted(told)) return;
      off();
      resolve(told);
    });
  });
}

/** The state of this name, now or when it comes. */
export async function state(client, name) {
  return client.state.name === name ? client.state : next(client, "state", (state) => state.name === name);
}

/** The next event that is wanted. */
export function event(source, wanted = () => true) {
  return new Promise((resolve) => {
    const off = source.on((event) => {
      if (!wanted(event)) return;
      off();
      resolve(event);
    });
  });
}

/** A signal that counts who listens to it. */
export class CountedSignal {
  aborted = false;
  reason = undefined;
  listeners = new Set();

  addEventListener(_, listener) {
    this.listeners.add(listener);
  }

  removeEventListener(_, listener) {
    this.listeners.delete(listener);
  }

  abort(reason) {
    this.aborted = true;
    this.reason = reason;
    for (const listener of [...this.listeners]) listener();
  }
}
