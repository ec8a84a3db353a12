// What the server says, in words.

const plural = (count, one, more = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

const CODES = {
  malformed: ({ message }) => `The server could not read it as a message: ${message}.`,
  too_large: ({ limit }) => `It is larger than the ${plural(limit, "byte")} that this message may have.`,
  unknown_message: ({ name, nearest }) => `There is no message ${name} here.${nearest ? ` Did you mean ${nearest}?` : ""}`,
  invalid_payload: ({ violations = [] }) => `${plural(violations.length, "value breaks its limits", "values break their limits")}:`,
  not_now: ({ flow, state, topic }) => `The flow ${flow}${topic ? ` of ${topic}` : ""} stands at ${state}, which does not let it in.`,
  not_allowed: ({ needs, topic }) =>
    needs ? `One of these roles is needed: ${needs.join(", ")}.` : `This connection may not be, or is not, a member of ${topic}.`,
  rate_limited: ({ by, retry_after_ms: wait }) => `Too many, counted by ${by}.${wait === undefined ? "" : ` Again in ${(wait / 1_000).toFixed(1)} s.`}`,
  refused: (error) => `The application says no: ${error.kind ?? "see below"}.`,
  timeout: ({ after_ms: after }) => `The handlers took longer than ${after / 1_000} s.`,
  cancelled: () => "It was taken back.",
  internal: ({ id }) => `A handler failed. The server's log says why, under ${id}.`,
  shutting_down: () => "The server is shutting down.",
};

/** A refusal, in a sentence. */
export const refusal = (error) => CODES[error.code]?.(error) ?? error.code;

/** A violation, in a sentence about the value. */
export function violation({ rule, want, got }) {
  const came = got === undefined || got === "" ? "" : `, not ${typeof got === "string" ? got : JSON.stringify(got)}`;
  return {
    required: "must be there",
    unknown_key: "is no key here",
    duplicate_key: "stands here twice",
    unique: "has two equal items",
    len: `must have a length of ${want}${came}`,
    match: `must match ${want}`,
    multiple_of: `must be a multiple of ${want}${came}`,
  }[rule] ?? `must be ${want}${came}`;
}

/** How long, in the two units that matter. */
export function age(ms) {
  const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]];
  const first = units.findIndex(([, length]) => ms >= length);
  if (first < 0) return "0 s";
  let rest = ms;
  const counts = units.map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count > 0 && `${count} ${unit}`;
  });
  return counts.slice(first, first + 2).filter(Boolean).join(" ");
}

export const bytes = (count) => (count < 1_024 ? `${count} B` : count < 1_048_576 ? `${(count / 1_024).toFixed(1)} KiB` : `${(count / 1_048_576).toFixed(1)} MiB`);

export { plural };
