// The protocol as data: what the server's /_switchboard/schema says, and what follows from it.

const BOUNDS = {
  u8: [0, 255],
  u16: [0, 65_535],
  u32: [0, 4_294_967_295],
  i8: [-128, 127],
  i16: [-32_768, 32_767],
  i32: [-2_147_483_648, 2_147_483_647],
};

/** What stands in place of a secret value wherever one is shown. */
export const SECRET = "(secret)";

export class Protocol {
  constructor(schema) {
    for (const kind of ["roles", "types", "topics", "events", "messages", "asks", "flows"]) this[kind] = schema[kind] ?? [];
    Object.assign(this, { name: schema.name ?? "protocol", version: schema.version, hash: schema.hash });
    Object.assign(this, { docs: schema.docs, identity: schema.identity });
  }

  message = (name) => this.messages.find((message) => message.name === name);
  event = (name) => this.events.find((event) => event.name === name);
  ask = (name) => this.asks.find((ask) => ask.name === name);

  /** What is behind the aliases of a type: its last form, all limits on the way, and what the aliases add. */
  base(type) {
    const base = { shape: type, limits: [type], def: undefined, nullable: !!type.nullable, secret: false, text: !!type.text };
    for (let outermost = true; base.shape.is === "ref"; outermost = false) {
      const def = this.types[base.shape.to];
      if (def.is !== "alias") return { ...base, def };
      base.secret ||= !!def.secret;
      if (outermost) {
        base.nullable ||= !!def.nullable;
        base.text = !!def.text;
      }
      base.shape = def.type;
      base.limits.unshift(def.type);
    }
    return base;
  }

  /** Lower and upper bound of a number, undefined where there is none. */
  bounds({ shape, limits }) {
    const [lowest, highest] = BOUNDS[shape.is] ?? (shape.is === "duration" ? [0] : []);
    const ranges = limits.map((limit) => limit.range ?? {});
    const tightest = (pick, ends) => pick(...ends.filter((end) => end !== undefined));
    const [min, max] = [
      tightest(Math.max, [lowest, ...ranges.map((range) => range.min)]),
      tightest(Math.min, [highest, ...ranges.map((range) => range.max)]),
    ];
    return { min: Number.isFinite(min) ? min : undefined, max: Number.isFinite(max) ? max : undefined };
  }

  /** A type as one would write it, in short. */
  describe(type) {
    const { shape, def, limits, secret } = this.base(type);
    const asked = limits.flatMap(limitsInWords);
    const name = {
      list: () => `list of ${this.describe(shape.of)}`,
      map: () => `map of ${this.describe(shape.key)} to ${this.describe(shape.of)}`,
      ref: () => shortName(def.name),
      const: () => JSON.stringify(shape.value),
      duration: () => "milliseconds",
    }[shape.is] ?? (() => shape.is);
    return [name(), ...asked, secret && "secret"].filter(Boolean).join(" · ");
  }

  /** The payload of a message, event or ask as a type: its fields, a type, or nothing. */
  payload({ name, type, fields = [], open }) {
    return type ?? { is: "fields", def: { is: "struct", name, open, fields } };
  }

  /** What such a type consists of: `{ base, fields, variant }`. */
  fieldsOf(type, value) {
    const base = type.is === "fields" ? { shape: type, def: type.def, limits: [] } : this.base(type);
    if (base.def?.is === "struct") return { base, fields: base.def.fields ?? [] };
    const variant = base.def?.variants?.find(({ name }) => name === value?.[base.def.tag]);
    return { base, fields: variant?.fields ?? [], variant };
  }

  /** The same value with everything that is secret replaced by what `replace` says of it and its path. */
  overSecrets(type, value, replace, path = "") {
    if (value === undefined || value === null || !type) return value;
    const { base, fields } = this.fieldsOf(type, value);
    if (base.secret) return replace(value, path);
    const into = (type, value, key) => this.overSecrets(type, value, replace, `${path}/${escaped(key)}`);
    if (base.shape.is === "list" && Array.isArray(value)) return value.map((item, index) => into(base.shape.of, item, index));
    if (typeof value !== "object" || Array.isArray(value)) return value;
    const known = (key) => fields.find(({ name }) => name === key);
    const hidesMore = fields.some(({ secret, type }) => secret || this.base(type).secret);
    const entry = ([key, inner]) => {
      const field = known(key);
      if (base.shape.is === "map") return [key, into(base.shape.of, inner, key)];
      if (field) return [key, field.secret ? replace(inner, `${path}/${escaped(key)}`) : into(field.type, inner, key)];
      // Beside secrets, a key that is not known may be a misspelt one.
      return [key, hidesMore && key !== base.def?.tag ? replace(inner, `${path}/${escaped(key)}`) : inner];
    };
    return Object.fromEntries(Object.entries(value).map(entry));
  }

  /** The same value without its secrets. */
  redacted = (type, value) => this.overSecrets(type, value, () => SECRET);

  /** Of each flow that covers a message: the states that let it in, and what they ask for. */
  gates(message) {
    const index = this.messages.indexOf(message);
    const step = (state) => state.steps?.find((step) => step.message === index);
    return this.flows
      .filter(({ covers }) => covers?.includes(index))
      .map((flow) => {
        const states = (flow.states ?? []).filter(step).map((state) => {
          const { roles = [], member, next, end } = step(state);
          return { name: state.name, roles, member, leads: end ? "end" : flow.states[next]?.name };
        });
        return { flow, on: flow.on && this.topics[flow.on.topic].name, states };
      });
  }
}

/** A key as it stands in a JSON pointer. */
export const escaped = (key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1");

/** `chat/Text` is called `Text` where it is used. */
export const shortName = (name) => name.split("/").at(-1);

function limitsInWords({ len, range, one_of, match, unique, multiple_of }) {
  const between = ({ min, max, min_exclusive, max_exclusive }) => {
    if (min === max && min !== undefined) return `${min}`;
    if (min_exclusive || max_exclusive) {
      const ends = [min !== undefined && `${min_exclusive ? ">" : "≥"} ${min}`, max !== undefined && `${max_exclusive ? "<" : "≤"} ${max}`];
      return ends.filter(Boolean).join(", ");
    }
    if (min === undefined) return `up to ${max}`;
    return max === undefined ? `${min} or more` : `${min} to ${max}`;
  };
  return [
    len && `length ${between({ min: len.min || undefined, max: len.max })}`,
    range && between(range),
    one_of?.join(" | "),
    match && `/${match}/`,
    unique && "no two equal",
    multiple_of !== undefined && `multiple of ${multiple_of}`,
  ].filter(Boolean);
}
