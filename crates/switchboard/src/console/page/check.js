// Whether a value is what its type says, in the words of the server: each violation is `{at, rule, want, got}`.
// The server has the last word: what is doubtful here is let pass.

import { SECRET, escaped } from "./schema.js";

const RANGES = {
  u8: "0..=255", u16: "0..=65535", u32: "0..=4294967295", i8: "-128..=127", i16: "-32768..=32767", i32: "-2147483648..=2147483647",
};
const WIDE = { u64: [0n, 2n ** 64n - 1n], i64: [-(2n ** 63n), 2n ** 63n - 1n] };
RANGES.duration = "0..=9007199254740991";
/** 64-bit integers that travel as numbers. */
const NARROWED = { u64: RANGES.duration, i64: "-9007199254740991..=9007199254740991" };

const DIGITS = /^(0|-?[1-9]\d*)$/;

/** All violations of a payload. */
export function violations(protocol, type, value) {
  const found = [];
  check({ protocol, found, isSecret: false }, type, value, "");
  return found;
}

function check(context, type, value, at) {
  const { protocol } = context;
  if (type.is === "fields") return checkFields(context, type.def, value, at);
  const base = protocol.base(type);
  const inner = { ...context, isSecret: context.isSecret || base.secret };
  if (value === undefined) return add(inner, at, "required", "a value", "nothing");
  if (value === null && base.nullable) return undefined;
  if (!hasType(inner, base, value, at)) return undefined;
  // What a use adds to a type with a name is asked once the limits of that one hold.
  const before = inner.found.length;
  const [use, named] = type.is === "ref" ? [type, base.limits.slice(0, -1)] : [type, []];
  named.forEach((limits) => checkLimits(inner, limits, base, value, at));
  if (inner.found.length === before) checkLimits(inner, use, base, value, at);
}

function add({ found, isSecret }, at, rule, want, got) {
  found.push({ at, rule, want, got: isSecret ? SECRET : got });
  return false;
}

// ------------------------------------------------------------------ types

function hasType(context, base, value, at) {
  const { shape, def } = base;
  if (def) return hasNamedType(context, def, value, at);
  if (WIDE[shape.is]) return isWide(context, base, value, at);
  if (RANGES[shape.is]) return isInteger(context, RANGES[shape.is], value, at);
  const made = TYPES[shape.is];
  return made ? made(context, shape, value, at) : true;
}

const TYPES = {
  bool: (context, _, value, at) => typeof value === "boolean" || add(context, at, "type", "boolean", nameOf(value)),
  f32: isNumber,
  f64: isNumber,
  role: (context, _, value, at) => {
    const roles = context.protocol.roles.map(({ name }) => name);
    return isOneOf(context, roles, value, at);
  },
  const: (context, { value: wanted }, value, at) => value === wanted || add(context, at, "const", JSON.stringify(wanted), typeof value === typeof wanted ? value : nameOf(value)),
  list: (context, { of }, value, at) => {
    if (!Array.isArray(value)) return add(context, at, "type", "array", nameOf(value));
    value.forEach((item, index) => check(context, of, item, `${at}/${index}`));
    return true;
  },
  map: (context, { key, of }, value, at) => {
    if (!isObject(value)) return add(context, at, "type", "object", nameOf(value));
    const { shape, text } = context.protocol.base(key);
    const isNumber = (shape.is in RANGES || shape.is in WIDE) && !text;
    for (const [name, inner] of Object.entries(value)) {
      const place = `${at}/${escaped(name)}`;
      if (isNumber && !DIGITS.test(name)) add(context, place, "format", "an integer in decimal digits", name);
      else check(context, key, isNumber ? Number(name) : name, place);
      check(context, of, inner, place);
    }
    return true;
  },
};

const TEXTS = {
  string: () => true,
  bytes: isBase64,
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  timestamp: (text) => /^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?[Zz]$/.test(text) && isDay(text.slice(0, 10)) && text < "9999-12-31",
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text),
  email: (text) => /.@[^\s@]+$/.test(text),
  uri: (text) => /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]*$/.test(text),
  ip: (text) => /^(\d{1,3}\.){3}\d{1,3}$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(text),
};
const FORMATS = {
  bytes: "padded base64",
  uuid: "a hyphenated UUID",
  timestamp: "RFC 3339 in UTC, ending in Z",
  date: "RFC 3339 full-date",
  email: "an email address",
  uri: "a URI",
  ip: "an IPv4 or IPv6 address",
};
for (const [name, isGood] of Object.entries(TEXTS)) {
  TYPES[name] = (context, _, value, at) => {
    if (typeof value !== "string") return add(context, at, "type", "string", nameOf(value));
    return isGood(value) || add(context, at, "format", FORMATS[name], value);
  };
}

const nameOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** With its padding, and without bits that say nothing. */
function isBase64(text) {
  try {
    return btoa(atob(text)) === text;
  } catch {
    return false;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function isDay(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.valueOf()) && day.toISOString().startsWith(text);
}

function isNumber(context, _, value, at) {
  return Number.isFinite(value) || add(context, at, "type", "number", nameOf(value));
}

function isInteger(context, range, value, at) {
  if (typeof value !== "number") return add(context, at, "type", "integer", nameOf(value));
  if (!Number.isInteger(value)) return add(context, at, "type", "integer", "number with a point or exponent");
  const [min, max] = range.split("..=").map(Number);
  return (value >= min && value <= max) || add(context, at, "range", range, value);
}

function isOneOf(context, names, value, at) {
  if (typeof value !== "string") return add(context, at, "type", "string", nameOf(value));
  return !names || names.includes(value) || add(context, at, "one_of", names.join(" | "), value);
}

function isWide(context, { shape, text }, value, at) {
  if (!text) return isInteger(context, NARROWED[shape.is], value, at);
  if (typeof value !== "string") return add(context, at, "type", "string", nameOf(value));
  if (!DIGITS.test(value)) return add(context, at, "format", "an integer in decimal digits", value);
  const [min, max] = WIDE[shape.is];
  return (BigInt(value) >= min && BigInt(value) <= max) || add(context, at, "range", `${min}..=${max}`, value);
}

function hasNamedType(context, def, value, at) {
  if (def.is === "struct") return checkFields(context, def, value, at);
  const names = (def.variants ?? []).map(({ name }) => name);
  if (def.is === "enum" && def.plain) {
    return isOneOf(context, def.open ? undefined : names, value, at);
  }
  if (!isObject(value)) return add(context, at, "type", "object", nameOf(value));
  const tag = value[def.tag];
  if (tag === undefined) return add(context, `${at}/${escaped(def.tag)}`, "required", "a value", "nothing");
  if (typeof tag !== "string") return add(context, `${at}/${escaped(def.tag)}`, "type", "string", nameOf(tag));
  const variant = def.variants?.find(({ name }) => name === tag);
  if (!variant) return def.open || add(context, `${at}/${escaped(def.tag)}`, "one_of", names.join(" | "), tag);
  return checkFields(context, { open: def.open, fields: variant.fields }, value, at, def.tag);
}

function checkFields(context, { open, fields = [] }, value, at, tag) {
  if (!isObject(value)) return add(context, at, "type", "object", nameOf(value));
  const into = (field) =>
    check({ ...context, isSecret: context.isSecret || !!field.secret }, field.type, value[field.name], `${at}/${escaped(field.name)}`);
  const fieldOf = new Map(fields.map((field) => [field.name, field]));
  for (const key of Object.keys(value).filter((key) => value[key] !== undefined)) {
    if (fieldOf.has(key)) into(fieldOf.get(key));
    else if (!open && key !== tag) add(context, `${at}/${escaped(key)}`, "unknown_key", "a known key", key);
  }
  const isMissing = ({ name, optional, default: usual }) => value[name] === undefined && !optional && usual === undefined;
  fields.filter(isMissing).forEach(into);
  return true;
}

// ------------------------------------------------------------------ limits

function checkLimits(context, { len, range, one_of, match, unique, multiple_of }, { shape, text }, value, at) {
  const isWhole = !context.found.some((violation) => violation.at.startsWith(`${at}/`));
  if (len) {
    const length = lengthOf(shape, value);
    if (length < (len.min ?? 0) || length > (len.max ?? Infinity)) add(context, at, "len", lenInWords(len), length);
  }
  const number = text ? Number(value) : value;
  if (range && !isWithin(range, number)) add(context, at, "range", rangeInWords(range), value);
  if (one_of && !one_of.includes(number)) add(context, at, "one_of", one_of.join(" | "), value);
  if (match !== undefined && !matches(match, value)) add(context, at, "match", `/${match}/`, value);
  const items = unique && isWhole ? value.map((item) => JSON.stringify(item)) : [];
  const twice = items.findIndex((item, index) => items.indexOf(item) < index);
  if (twice >= 0) add(context, at, "unique", "no two equal items", `item ${twice} again`);
  if (multiple_of !== undefined && !isMultiple(number, multiple_of, shape.is)) add(context, at, "multiple_of", `${multiple_of}`, value);
}

function lengthOf({ is }, value) {
  if (is === "bytes") return (value.length / 4) * 3 - (value.match(/=+$/)?.[0].length ?? 0);
  if (typeof value === "string") return [...value].length;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

const isWithin = ({ min, max, min_exclusive, max_exclusive }, value) =>
  (min === undefined || (min_exclusive ? value > min : value >= min)) && (max === undefined || (max_exclusive ? value < max : value <= max));

const lenInWords = ({ min = 0, max }) => (min === max ? `${min}` : `${min || ""}..=${max ?? ""}`.replace(/=$/, ""));

function rangeInWords({ min, max, min_exclusive, max_exclusive }) {
  if (!min_exclusive && !max_exclusive) return min === max ? `${min}` : `${min ?? ""}..${max === undefined ? "" : `=${max}`}`;
  return [min !== undefined && `${min_exclusive ? ">" : ">="}${min}`, max !== undefined && `${max_exclusive ? "<" : "<="}${max}`].filter(Boolean).join(", ");
}

/** Patterns that this engine does not know are left to the server. */
function matches(pattern, text) {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text);
  } catch {
    return true;
  }
}

function isMultiple(value, of, is) {
  const quotient = value / of;
  const most = is === "f32" ? 1e-6 : is === "f64" ? 1e-9 : 0;
  return Math.abs(quotient - Math.round(quotient)) <= most * Math.max(1, Math.abs(quotient));
}
