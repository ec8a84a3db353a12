import type { Violation } from "./api.ts";

// Values: read from JSON and checked, written to JSON and checked, by one walk over the plan. The rules, their order and
// the words are the server's; `docs/protocol.md` has them.

export interface CheckPlan {
  readonly rule: string;
  readonly want: string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly above?: number | string;
  readonly below?: number | string;
  readonly of?: number | string | readonly (number | string)[];
  readonly regex?: string;
  readonly tolerance?: number;
}

export interface TypePlan {
  readonly is: string;
  readonly checks?: readonly CheckPlan[];
  readonly nullable?: boolean;
  readonly text?: boolean;
  readonly of?: TypePlan;
  readonly key?: TypePlan;
  readonly to?: number;
  readonly value?: unknown;
  readonly want?: string;
}

export interface FieldPlan {
  readonly name: string;
  readonly type: TypePlan;
  readonly optional?: boolean;
  readonly default?: unknown;
  readonly secret?: boolean;
}

export interface PayloadPlan {
  readonly fields?: readonly FieldPlan[];
  readonly type?: TypePlan;
  readonly open?: boolean;
  readonly binary?: number;
}

export interface DefPlan extends PayloadPlan {
  readonly is: string;
  readonly secret?: boolean;
  readonly names?: readonly string[];
  readonly tag?: string;
  readonly variants?: readonly { readonly name: string; readonly fields?: readonly FieldPlan[] }[];
  readonly want?: string;
}

export interface TypesPlan {
  readonly types: readonly DefPlan[];
  readonly roles?: readonly string[];
}

/** What came of a value. */
export type Walked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly violations: readonly Violation[]; readonly omitted?: number };

/** Any object. */
export type Bag = Record<string, unknown>;

/** A place in a value. */
interface Pointer {
  readonly parent: Pointer | undefined;
  readonly step: string | number;
  /** Neither what is here nor the steps behind it are shown. */
  readonly secret: boolean;
}

const ROOT: Pointer = { parent: undefined, step: "", secret: false };
/** Something is wrong with a value, and has been noted. */
const FAULT = Symbol("fault");
const MOST_VIOLATIONS = 32;
const LONGEST_GOT = 64;
const LONGEST_POINTER = 256;
/** Deeper values are refused, so that no walk outgrows the stack. */
const DEEPEST = 128;

const RANGES: { readonly [is: string]: readonly [string, string] } = {
  u8: ["0", "255"],
  u16: ["0", "65535"],
  u32: ["0", "4294967295"],
  u64: ["0", "18446744073709551615"],
  i8: ["-128", "127"],
  i16: ["-32768", "32767"],
  i32: ["-2147483648", "2147483647"],
  i64: ["-9223372036854775808", "9223372036854775807"],
  duration: ["0", "9007199254740991"],
};

/** The bounds of an integer type. */
function rangeOf(is: string): readonly [string, string] {
  return RANGES[is] ?? ["0", "0"];
}

/** The same for numbers of JavaScript. */
function safeRange(is: string): readonly [string, string] {
  const [min, max] = rangeOf(is);
  const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;
  return [Number(min) < MIN_SAFE_INTEGER ? `${MIN_SAFE_INTEGER}` : min, Number(max) > MAX_SAFE_INTEGER ? `${MAX_SAFE_INTEGER}` : max];
}

/** Reads JSON into values. Unknown keys are passed over, unless it is `strict`. */
export function read(types: TypesPlan, payload: PayloadPlan, json: unknown, strict = false): Walked {
  return new Walk(types, false, strict).whole(payload, json);
}

/** Writes values as JSON. */
export function write(types: TypesPlan, payload: PayloadPlan, value: unknown): Walked {
  return new Walk(types, true, true).whole(payload, value);
}

/** A binary payload, without its tag, as values. */
export function readBinary(types: TypesPlan, payload: PayloadPlan, bytes: Uint8Array): Walked {
  return new Walk(types, false, true).binary(payload, bytes);
}

/** Values that were written without fault, as a binary frame. */
export function writeBinary(types: TypesPlan, payload: PayloadPlan, value: unknown): Uint8Array {
  const fields = fieldsOf(types, payload);
  const parts: Uint8Array[] = [Uint8Array.of(payload.binary ?? 0)];
  for (const field of fields) parts.push(packed(types, field.type, (value as Bag)[field.name]));
  return joined(parts);
}

/** JSON with what is secret in it masked. */
export function masked(types: TypesPlan, payload: PayloadPlan, json: unknown): unknown {
  if (payload.type !== undefined) return maskedType(types, payload.type, json, 0);
  return maskedFields(types, payload.fields ?? [], json, 0);
}

/** Whether anything in it is secret. */
export function hasSecrets(types: TypesPlan, payload: PayloadPlan): boolean {
  return fieldsOf(types, payload).some((field) => field.secret === true || types.types[field.type.to ?? -1]?.secret === true);
}

class Walk {
  readonly types: TypesPlan;
  readonly writing: boolean;
  readonly strict: boolean;
  readonly violations: Violation[] = [];
  omitted = 0;
  depth = 0;

  constructor(types: TypesPlan, writing: boolean, strict: boolean) {
    this.types = types;
    this.writing = writing;
    this.strict = strict;
  }

  whole(payload: PayloadPlan, value: unknown): Walked {
    return this.result(
      payload.type !== undefined
        ? this.value(payload.type, value, ROOT)
        : this.object(payload.fields ?? [], payload.open === true, undefined, value, ROOT),
    );
  }

  result(value: unknown): Walked {
    if (this.violations.length === 0) return { ok: true, value };
    const { violations, omitted } = this;
    return omitted > 0 ? { ok: false, violations, omitted } : { ok: false, violations };
  }

  fault(at: Pointer, rule: string, want: string, got: unknown): typeof FAULT {
    if (this.violations.length === MOST_VIOLATIONS) this.omitted += 1;
    else this.violations.push({ at: pointer(at), rule, want, got: isSecret(at) ? "(secret)" : cut(shown(got), LONGEST_GOT) });
    return FAULT;
  }

  mismatch(at: Pointer, want: string, value: unknown): typeof FAULT {
    return this.fault(at, "type", want, typeName(value));
  }

  value(type: TypePlan, value: unknown, at: Pointer): unknown {
    if (value === null && type.nullable === true) return null;
    if (this.depth >= DEEPEST) return this.fault(at, "type", "a value that is less deep", "a deeper one");
    this.depth += 1;
    const result = this.shaped(type, value, at);
    this.depth -= 1;
    if (result === FAULT) return FAULT;
    return this.keeps(type, result, this.writing ? value : result, at) ? result : FAULT;
  }

  /** Without the checks that stand at this use of the type. */
  shaped(type: TypePlan, value: unknown, at: Pointer): unknown {
    switch (type.is) {
      case "ref":
        return this.named(type.to ?? 0, value, at);
      case "list":
        return this.list(type, value, at);
      case "map":
        return this.map(type, value, at);
      case "bool":
        return typeof value === "boolean" ? value : this.mismatch(at, "boolean", value);
      case "f32":
      case "f64":
        return this.float(type.is, value, at);
      case "bytes":
        return this.bytes(value, at);
      case "json":
        return this.any(value, at);
      case "const":
        return this.constant(type, value, at);
      case "role":
        return this.name(this.types.roles ?? [], (this.types.roles ?? []).join(" | "), false, value, at);
      default:
        if (type.is in RANGES) return type.text === true ? this.bigInteger(type.is, value, at) : this.integer(type.is, value, at);
        return typeof value === "string" ? this.text(type.is, value, at) : this.mismatch(at, "string", value);
    }
  }

  named(to: number, value: unknown, at: Pointer): unknown {
    const def = this.types.types[to];
    if (def === undefined) return this.any(value, at);
    switch (def.is) {
      case "alias":
        return this.value(def.type ?? { is: "json" }, value, def.secret === true ? hidden(at) : at);
      case "names":
        return this.name(def.names ?? [], def.want ?? "", def.open === true, value, at);
      case "variants":
        return this.variants(def, value, at);
      default:
        return this.object(def.fields ?? [], def.open === true, undefined, value, at);
    }
  }

  name(names: readonly string[], want: string, open: boolean, value: unknown, at: Pointer): unknown {
    if (typeof value !== "string") return this.mismatch(at, "string", value);
    return open || names.includes(value) ? value : this.fault(at, "one_of", want, value);
  }

  integer(is: string, value: unknown, at: Pointer): unknown {
    if (typeof value !== "number") return this.mismatch(at, "integer", value);
    if (!Number.isInteger(value)) {
      return Number.isFinite(value)
        ? this.fault(at, "type", "integer", "number with a point or exponent")
        : this.fault(at, "range", "a finite number", value);
    }
    const [min, max] = safeRange(is);
    return value >= Number(min) && value <= Number(max) ? value + 0 : this.fault(at, "range", `${min}..=${max}`, value);
  }

  bigInteger(is: string, value: unknown, at: Pointer): unknown {
    if (!this.writing) {
      if (typeof value !== "string") return this.mismatch(at, "string", value);
      return this.integerText(is, value, at);
    }
    if (typeof value !== "bigint") return this.mismatch(at, "bigint", value);
    const [min, max] = rangeOf(is);
    return value >= BigInt(min) && value <= BigInt(max) ? value.toString() : this.fault(at, "range", `${min}..=${max}`, value);
  }

  integerText(is: string, text: string, at: Pointer): bigint | typeof FAULT {
    if (!/^(?:0|-?[1-9][0-9]*)$/.test(text)) return this.fault(at, "format", "an integer in decimal digits", text);
    const [min, max] = rangeOf(is);
    if (text.length > 20) return this.fault(at, "range", `${min}..=${max}`, text);
    const value = BigInt(text);
    return value >= BigInt(min) && value <= BigInt(max) ? value : this.fault(at, "range", `${min}..=${max}`, text);
  }

  float(is: string, value: unknown, at: Pointer): unknown {
    if (typeof value !== "number") return this.mismatch(at, "number", value);
    const rounded = is === "f32" ? Math.fround(value) : value;
    return Number.isFinite(rounded) ? value : this.fault(at, "range", `a finite ${is}`, value);
  }

  bytes(value: unknown, at: Pointer): unknown {
    if (this.writing) return value instanceof Uint8Array ? base64(value) : this.mismatch(at, "bytes", value);
    if (typeof value !== "string") return this.mismatch(at, "string", value);
    return fromBase64(value) ?? this.fault(at, "format", "padded base64", value);
  }

  text(is: string, value: string, at: Pointer): unknown {
    if (LONE.test(value)) return this.fault(at, "format", "text without lone surrogates", "a lone surrogate");
    const kind = TEXTS[is];
    if (kind === undefined) return value;
    return kind.read(value) ?? this.fault(at, "format", kind.want, value);
  }

  constant(type: TypePlan, value: unknown, at: Pointer): unknown {
    if (value === type.value) return value;
    const got = typeof value === typeof type.value || typeof value === "boolean" ? value : typeName(value);
    return this.fault(at, "const", type.want ?? "", got);
  }

  any(value: unknown, at: Pointer): unknown {
    if (this.depth >= DEEPEST) return this.fault(at, "type", "a value that is less deep", "a deeper one");
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number") return Number.isFinite(value) ? value : this.fault(at, "range", "a finite number", value);
    if (typeof value === "string") return this.text("string", value, at);
    this.depth += 1;
    let result: unknown;
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.any(item, step(at, index)));
      result = items.includes(FAULT) ? FAULT : items;
    } else if (isObject(value)) {
      const object: Bag = {};
      let sound = true;
      for (const key of Object.keys(value)) {
        const member = value[key];
        if (member === undefined) continue;
        const found = this.any(member, step(at, key));
        if (found === FAULT) sound = false;
        else put(object, key, found);
      }
      result = sound ? object : FAULT;
    } else result = this.mismatch(at, "a value", value);
    this.depth -= 1;
    return result;
  }

  list(type: TypePlan, value: unknown, at: Pointer): unknown {
    if (!Array.isArray(value)) return this.mismatch(at, "array", value);
    const of = type.of ?? { is: "json" };
    const items: unknown[] = [];
    let sound = true;
    for (let index = 0; index < value.length; index += 1) {
      const item = this.value(of, value[index], step(at, index));
      if (item === FAULT) sound = false;
      else items.push(item);
    }
    if (sound) return items;
    this.hasLength(type, value.length, at);
    return FAULT;
  }

  map(type: TypePlan, value: unknown, at: Pointer): unknown {
    if (!isObject(value)) return this.mismatch(at, "object", value);
    const { key = { is: "string" }, of = { is: "json" } } = type;
    const inside = this.isSecretKey(key) ? hidden(at) : at;
    const object: Bag = {};
    const seen = new Set<string>();
    let [sound, count] = [true, 0];
    for (const text of Object.keys(value)) {
      if (value[text] === undefined) continue;
      const here = step(inside, text);
      const name = this.key(key, text, here);
      if (name !== FAULT && seen.has(name)) {
        this.fault(here, "duplicate_key", "the key once", "the key again");
        sound = false;
        continue;
      }
      count += 1;
      const member = this.value(of, value[text], here);
      if (name === FAULT || member === FAULT) {
        sound = false;
      } else {
        seen.add(name);
        put(object, name, member);
      }
    }
    if (sound) return object;
    if (count > 0) this.hasLength(type, count, at);
    return FAULT;
  }

  isSecretKey(key: TypePlan): boolean {
    return key.is === "ref" && this.types.types[key.to ?? -1]?.secret === true;
  }

  key(type: TypePlan, text: string, at: Pointer): string | typeof FAULT {
    if (type.is === "ref") {
      const def = this.types.types[type.to ?? 0];
      if (def?.is === "alias") {
        const inner = this.key(def.type ?? { is: "string" }, text, def.secret === true ? hidden(at) : at);
        return inner !== FAULT && this.keepsKey(type, def.type ?? type, inner, at) ? inner : FAULT;
      }
    }
    let name: unknown;
    if (type.is in RANGES) {
      const value = this.integerText(type.is, text, at);
      name = value === FAULT ? FAULT : value.toString();
    } else name = this.shaped(type, text, at);
    if (typeof name !== "string") return FAULT;
    return this.keepsKey(type, type, name, at) ? name : FAULT;
  }

  keepsKey(type: TypePlan, shape: TypePlan, name: string, at: Pointer): boolean {
    return this.keeps(type, name, shape.is in RANGES ? BigInt(name) : name, at);
  }

  object(fields: readonly FieldPlan[], open: boolean, tag: string | undefined, value: unknown, at: Pointer): unknown {
    if (!isObject(value)) return this.mismatch(at, "object", value);
    const object: Bag = {};
    let sound = true;
    for (const key of Object.keys(value)) {
      const member = value[key];
      if (member === undefined) continue;
      if (key === tag) {
        put(object, key, member);
        continue;
      }
      const field = fields.find((field) => field.name === key);
      if (field !== undefined) {
        const found = this.value(field.type, member, fieldAt(at, field));
        if (found === FAULT) sound = false;
        else put(object, key, found);
      } else if (this.strict && !open) {
        sound = false;
        this.fault(step(at, key), "unknown_key", "a known key", key);
      }
    }
    for (const field of fields) {
      if (Object.hasOwn(value, field.name) && value[field.name] !== undefined) continue;
      if (field.default !== undefined) {
        if (!this.writing) put(object, field.name, this.value(field.type, field.default, fieldAt(at, field)));
      } else if (field.optional !== true) {
        sound = false;
        this.fault(fieldAt(at, field), "required", "a value", "nothing");
      }
    }
    return sound ? object : FAULT;
  }

  variants(def: DefPlan, value: unknown, at: Pointer): unknown {
    if (!isObject(value)) return this.mismatch(at, "object", value);
    const { tag = "kind", variants = [], want = "" } = def;
    const name = Object.hasOwn(value, tag) ? value[tag] : undefined;
    const variant = variants.find((variant) => variant.name === name);
    if (variant !== undefined) return this.object(variant.fields ?? [], def.open === true, tag, value, at);
    const here = step(at, tag);
    if (name === undefined) return this.fault(here, "required", "a value", "nothing");
    if (typeof name !== "string") return this.mismatch(here, "string", name);
    return def.open === true ? this.any(value, at) : this.fault(here, "one_of", want, name);
  }

  /** Whether a value keeps what is asked where its type stands. */
  keeps(type: TypePlan, result: unknown, value: unknown, at: Pointer): boolean {
    let holds = true;
    for (const check of type.checks ?? []) holds = this.holds(check, this.isSingle(type), result, value, at) && holds;
    return holds;
  }

  isSingle(type: TypePlan): boolean {
    const def = type.is === "ref" ? this.types.types[type.to ?? -1] : undefined;
    return (def?.is === "alias" ? def.type?.is : type.is) === "f32";
  }

  holds(check: CheckPlan, single: boolean, result: unknown, value: unknown, at: Pointer): boolean {
    switch (check.rule) {
      case "len": {
        const length = lengthOf(value);
        return this.inLength(check, length, at);
      }
      case "match":
        // What is far too long is refused already, and might keep a pattern busy.
        if (typeof value !== "string" || value.length > LONGEST_MATCHED || pattern(check.regex ?? "").test(value)) return true;
        this.fault(at, "match", check.want, value);
        return false;
      case "unique": {
        const second = secondOf(result as unknown[]);
        if (second === undefined) return true;
        this.fault(at, "unique", check.want, `item ${second} again`);
        return false;
      }
      default:
        if (isAsked(check, single, value as number | bigint)) return true;
        this.fault(at, check.rule, check.want, single ? singleText(value as number) : value);
        return false;
    }
  }

  hasLength(type: TypePlan, length: number, at: Pointer): void {
    for (const check of type.checks ?? []) if (check.rule === "len") this.inLength(check, length, at);
  }

  inLength(check: CheckPlan, length: number, at: Pointer): boolean {
    if (length >= Number(check.min ?? 0) && length <= Number(check.max ?? Infinity)) return true;
    this.fault(at, "len", check.want, length);
    return false;
  }

  binary(payload: PayloadPlan, bytes: Uint8Array): Walked {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const object: Bag = {};
    let offset = 0;
    for (const field of fieldsOf(this.types, payload)) {
      const at = fieldAt(ROOT, field);
      const base = behind(this.types, field.type);
      const size = sizeOf(base) ?? bytes.length - offset;
      if (offset + size > bytes.length) return this.result(this.fault(at, "length", `${size} bytes`, bytes.length - offset));
      const value = this.unpacked(base, view, bytes.subarray(offset, offset + size), offset, at);
      offset += size;
      if (value !== FAULT && this.keepsAll(field.type, value, at)) put(object, field.name, value);
    }
    if (offset < bytes.length) this.fault(ROOT, "length", "no bytes behind the last field", bytes.length - offset);
    return this.result(object);
  }

  /** The checks of the aliases, then those of the field. */
  keepsAll(type: TypePlan, value: unknown, at: Pointer): boolean {
    const def = type.is === "ref" ? this.types.types[type.to ?? -1] : undefined;
    if (def?.is === "alias" && def.type !== undefined) {
      if (!this.keepsAll(def.type, value, def.secret === true ? hidden(at) : at)) return false;
    }
    return this.keeps(type, value, value, at);
  }

  unpacked(type: TypePlan, view: DataView, bytes: Uint8Array, offset: number, at: Pointer): unknown {
    switch (type.is) {
      case "bool": {
        const byte = view.getUint8(offset);
        return byte < 2 ? byte === 1 : this.fault(at, "type", "0 or 1", byte);
      }
      case "u8":
        return view.getUint8(offset);
      case "i8":
        return view.getInt8(offset);
      case "u16":
        return view.getUint16(offset, true);
      case "i16":
        return view.getInt16(offset, true);
      case "u32":
        return view.getUint32(offset, true);
      case "i32":
        return view.getInt32(offset, true);
      case "u64":
      case "i64":
        return this.wide(type, type.is === "u64" ? view.getBigUint64(offset, true) : view.getBigInt64(offset, true));
      case "f32":
      case "f64": {
        const value = type.is === "f32" ? view.getFloat32(offset, true) : view.getFloat64(offset, true);
        return Number.isFinite(value) ? value : this.fault(at, "range", "a finite number", value);
      }
      case "uuid": {
        const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
        return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      }
      case "timestamp": {
        const milliseconds = Number(view.getBigInt64(offset, true));
        if (milliseconds >= YEAR_0 && milliseconds <= LAST_MS) return trimmed(new Date(milliseconds).toISOString());
        return this.fault(at, "range", "a year from 0 to 9999", view.getBigInt64(offset, true));
      }
      case "duration": {
        const milliseconds = view.getBigUint64(offset, true);
        if (milliseconds <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(milliseconds);
        return this.fault(at, "range", "0..=9007199254740991", milliseconds);
      }
      case "bytes":
        return bytes.slice();
      case "string": {
        const text = utf8(bytes);
        return typeof text === "string" ? text : this.fault(at, "format", "UTF-8", `another byte at ${text}`);
      }
      default: {
        const names = namesOf(this.types, type);
        const index = view.getUint8(offset);
        return names[index] ?? this.fault(at, "range", `0..=${Math.max(names.length - 1, 0)}`, index);
      }
    }
  }

  /** A number where the range is small enough for one. */
  wide(type: TypePlan, value: bigint): number | bigint {
    return type.text === true ? value : Number(value);
  }
}

function isAsked(check: CheckPlan, single: boolean, value: number | bigint): boolean {
  const exact = (bound: number | string) =>
    typeof bound === "string" ? BigInt(bound) : single ? Math.fround(bound) : bound;
  const one = typeof value === "number" && single ? Math.fround(value) : value;
  const { min, max, above, below, of } = check;
  switch (check.rule) {
    case "range":
      return (
        (min === undefined || one >= exact(min)) &&
        (max === undefined || one <= exact(max)) &&
        (above === undefined || one > exact(above)) &&
        (below === undefined || one < exact(below))
      );
    case "one_of":
      // Whole numbers may be of two types, and equal.
      return Array.isArray(of) && of.some((other: number | string) => exact(other) == one);
    case "multiple_of": {
      const factor = exact(of as number | string);
      if (typeof one === "bigint") return one % BigInt(factor) === 0n;
      if (check.tolerance === undefined) return typeof factor === "bigint" ? one === 0 : one % factor === 0;
      const quotient = one / Number(factor);
      return Math.abs(quotient - Math.round(quotient)) <= check.tolerance * Math.max(Math.abs(quotient), 1);
    }
    default:
      return true;
  }
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") {
    let length = 0;
    for (const _ of value) length += 1;
    return length;
  }
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return Object.values(value as object).filter((member) => member !== undefined).length;
}

/** Where the first item stands that came before. */
function secondOf(items: readonly unknown[]): number | undefined {
  const seen = new Set<string>();
  const at = items.findIndex((item) => {
    const text = canonical(item);
    return seen.has(text) || !seen.add(text);
  });
  return at < 0 ? undefined : at;
}

function canonical(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `b${base64(value)}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

const PATTERNS = new Map<string, RegExp>();

function pattern(regex: string): RegExp {
  let found = PATTERNS.get(regex);
  if (found === undefined) PATTERNS.set(regex, (found = new RegExp(`^(?:${regex})$`, "u")));
  return found;
}

const LONGEST_MATCHED = 65_536;

// ---------------------------------------------------------------- places

function step(parent: Pointer, step: string | number): Pointer {
  return { parent, step, secret: false };
}

function hidden(at: Pointer): Pointer {
  return { parent: at.parent, step: at.step, secret: true };
}

function fieldAt(at: Pointer, field: FieldPlan): Pointer {
  return { parent: at, step: field.name, secret: field.secret === true };
}

function isSecret(at: Pointer | undefined): boolean {
  for (; at !== undefined; at = at.parent) if (at.secret) return true;
  return false;
}

function pointer(at: Pointer): string {
  const steps: string[] = [];
  for (let here: Pointer | undefined = at; here !== undefined; here = here.parent) {
    if (here.secret) steps.length = 0;
    if (here.parent !== undefined) {
      steps.push("/" + cut(String(here.step), LONGEST_GOT).replaceAll("~", "~0").replaceAll("/", "~1"));
    }
  }
  return cut(steps.reverse().join(""), LONGEST_POINTER);
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return Array.from(text.slice(0, 2 * most)).slice(0, most).join("");
}

function shown(got: unknown): string {
  return typeof got === "number" ? plainNumber(got) : String(got);
}

/** A number without an exponent. */
function plainNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  const [, sign, whole, rest = "", exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (whole === undefined || exponent === undefined) return text;
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${"0".repeat(-shift - 1)}${whole}${rest}`;
  return `${sign}${whole}${rest.padEnd(shift, "0")}`;
}

/** The shortest text of a number of 32 bits. */
function singleText(value: number): string {
  const single = Math.fround(value);
  for (let digits = 1; digits < 10; digits += 1) {
    const text = Number(single.toPrecision(digits));
    if (Math.fround(text) === single) return plainNumber(text);
  }
  return plainNumber(single);
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "array";
  if (value instanceof Uint8Array) return "bytes";
  return typeof value;
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Sets a member, also one that has a meaning for every object. */
function put(object: Bag, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}

// ---------------------------------------------------------------- texts

interface TextForm {
  readonly want: string;
  /** The text as it is written, if it is one. */
  read(text: string): string | undefined;
}

const LONE = /\p{Surrogate}/u;

const TEXTS: { readonly [is: string]: TextForm } = {
  uuid: {
    want: "a hyphenated UUID",
    read: (text) =>
      /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : undefined,
  },
  timestamp: {
    want: "RFC 3339 in UTC, ending in Z",
    read: (text) => {
      const shape = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;
      return shape.test(text) && isDay(text) && text < "9999-12-30T22:00:01" ? trimmed(text) : undefined;
    },
  },
  date: {
    want: "RFC 3339 full-date",
    read: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) && isDay(text) ? text : undefined),
  },
  email: { want: "an email address", read: (text) => (isEmail(text) ? text : undefined) },
  uri: { want: "a URI", read: (text) => (URI.test(text) && isUriHost(text) ? text : undefined) },
  ip: { want: "an IPv4 or IPv6 address", read: (text) => (isIpv4(text) || isIpv6(text) ? text : undefined) },
};

function isDay(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

/** A timestamp without zeros at the end of its second. */
function trimmed(text: string): string {
  return text.replace(/\.?0*Z$/, (end, at: number) => (text.includes(".") && at > 0 ? "Z" : end));
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || utf8Length(local) > 64 || utf8Length(domain) > 254) return false;
  const atoms = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+(?:\.|$))+$/u;
  const quoted = /^"(?:[ !#-[\]-~\u{80}-\u{10ffff}]|\\[ -~])*"$/u;
  if (!(quoted.test(local) || (atoms.test(local) && !local.endsWith(".")))) return false;
  const literal = /^\[(IPv6:)?(.*)\]$/s.exec(domain);
  if (literal !== null) return literal[1] === undefined ? isIpv4(literal[2] ?? "") : isIpv6(literal[2] ?? "");
  const label = /^[\p{Alphabetic}\p{N}](?:[\p{Alphabetic}\p{N}-]*[\p{Alphabetic}\p{N}])?$/u;
  return domain.split(".").every((part) => utf8Length(part) <= 63 && label.test(part));
}

const PCHAR = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const NAME = "(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})";
const URI = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:` +
    `(?://(?:(?:${NAME}|:)*@)?(?:\\[[^\\]]*\\]|${NAME}*)(?::[0-9]*)?(?:/${PCHAR}*)*|(?!//)(?:${PCHAR}|/)*)` +
    `(?:\\?(?:${PCHAR}|[/?])*)?(?:#(?:${PCHAR}|[/?])*)?$`,
);

function isUriHost(text: string): boolean {
  const literal = /^[^:]*:\/\/(?:[^/?#@]*@)?\[([^\]]*)\]/.exec(text)?.[1];
  return literal === undefined || isIpv6(literal) || /^[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+$/.test(literal);
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [at, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    const last = parts[parts.length - 1] ?? "";
    if (at === halves.length - 1 && last.includes(".")) {
      if (!isIpv4(last)) return false;
      parts.pop();
      groups += 2;
    }
    if (!parts.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return false;
    groups += parts.length;
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

// ---------------------------------------------------------------- bytes

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += SIGNS.charAt(bits >> 18) + SIGNS.charAt((bits >> 12) & 63);
    text += (left > 1 ? SIGNS.charAt((bits >> 6) & 63) : "=") + (left > 2 ? SIGNS.charAt(bits & 63) : "=");
  }
  return text;
}

const SIGN_VALUES = new Map(Array.from(SIGNS, (sign, value) => [sign.charCodeAt(0), value]));

function fromBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const signs = text.length - padding;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let [bits, count, at] = [0, 0, 0];
  for (let index = 0; index < signs; index += 1) {
    const value = SIGN_VALUES.get(text.charCodeAt(index));
    if (value === undefined) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[at] = (bits >> count) & 255;
      at += 1;
    }
  }
  return (bits & ((1 << count) - 1)) === 0 ? bytes : undefined;
}

function utf8Length(text: string): number {
  let length = 0;
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

function toUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  const push = (byte: number) => {
    bytes[at] = byte;
    at += 1;
  };
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    if (code < 0x80) push(code);
    else {
      const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      push(([0, 0xc0, 0xe0, 0xf0][more] ?? 0) | (code >> (6 * more)));
      for (let left = more - 1; left >= 0; left -= 1) push(0x80 | ((code >> (6 * left)) & 63));
    }
  }
  return bytes;
}

/** The text, or the place of the first byte that is none of UTF-8. */
function utf8(bytes: Uint8Array): string | number {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    let code = more === 0 ? first : first & (0x3f >> more);
    let valid = more >= 0 && at + more < bytes.length;
    for (let next = 1; valid && next <= more; next += 1) {
      const byte = bytes[at + next] ?? 0;
      valid = (byte & 0xc0) === 0x80;
      code = (code << 6) | (byte & 63);
    }
    const least = [0, 0x80, 0x800, 0x10000][more] ?? 0;
    if (!valid || code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return at;
    text += String.fromCodePoint(code);
    at += more + 1;
  }
  return text;
}

// ---------------------------------------------------------------- binary payloads

const YEAR_0 = -62_167_219_200_000;
/** 9999-12-30T22:00:00.999Z */
const LAST_MS = 253_402_207_200_999;

function fieldsOf(types: TypesPlan, payload: PayloadPlan): readonly FieldPlan[] {
  if (payload.type === undefined) return payload.fields ?? [];
  return types.types[payload.type.to ?? -1]?.fields ?? [];
}

function behind(types: TypesPlan, type: TypePlan): TypePlan {
  const def = type.is === "ref" ? types.types[type.to ?? -1] : undefined;
  return def?.is === "alias" && def.type !== undefined ? behind(types, def.type) : type;
}

function namesOf(types: TypesPlan, type: TypePlan): readonly string[] {
  const def = types.types[type.to ?? -1];
  return (type.is === "role" ? types.roles : def?.names) ?? [];
}

const SIZES: { readonly [is: string]: number | undefined } = {
  bool: 1, u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, u64: 8, i64: 8, f32: 4, f64: 8,
  uuid: 16, timestamp: 8, duration: 8, role: 1, ref: 1,
};

/** How many bytes a value takes; those that take what is left have no size. */
function sizeOf(type: TypePlan): number | undefined {
  return SIZES[type.is];
}

function packed(types: TypesPlan, type: TypePlan, value: unknown): Uint8Array {
  const base = behind(types, type);
  if (base.is === "bytes") return value as Uint8Array;
  if (base.is === "string") return toUtf8(value as string);
  const bytes = new Uint8Array(sizeOf(base) ?? 0);
  const view = new DataView(bytes.buffer);
  switch (base.is) {
    case "bool":
      view.setUint8(0, value === true ? 1 : 0);
      break;
    case "u8":
    case "i8":
      view.setUint8(0, value as number);
      break;
    case "u16":
    case "i16":
      view.setUint16(0, value as number, true);
      break;
    case "u32":
    case "i32":
      view.setUint32(0, value as number, true);
      break;
    case "u64":
    case "i64":
    case "duration":
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(value as number | bigint)), true);
      break;
    case "f32":
      view.setFloat32(0, value as number, true);
      break;
    case "f64":
      view.setFloat64(0, value as number, true);
      break;
    case "timestamp":
      view.setBigInt64(0, BigInt(Date.parse((value as string).replace(/(\.\d{3})\d+Z$/, "$1Z"))), true);
      break;
    case "uuid":
      (value as string).replaceAll("-", "").match(/../g)?.forEach((digits, at) => (bytes[at] = parseInt(digits, 16)));
      break;
    default:
      view.setUint8(0, namesOf(types, base).indexOf(value as string));
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// ---------------------------------------------------------------- secrets

function maskedType(types: TypesPlan, type: TypePlan, json: unknown, depth: number): unknown {
  if (depth > DEEPEST) return "…";
  if (type.is === "ref") {
    const def = types.types[type.to ?? -1];
    if (def === undefined) return json;
    if (def.secret === true) return "(secret)";
    if (def.is === "alias") return def.type === undefined ? json : maskedType(types, def.type, json, depth + 1);
    if (def.is === "struct") return maskedFields(types, def.fields ?? [], json, depth + 1);
    if (def.is !== "variants" || !isObject(json)) return json;
    const variant = def.variants?.find((variant) => variant.name === json[def.tag ?? "kind"]);
    return maskedFields(types, variant?.fields ?? [], json, depth + 1);
  }
  const { of } = type;
  if (type.is === "list" && of !== undefined && Array.isArray(json)) {
    return json.map((item) => maskedType(types, of, item, depth + 1));
  }
  if (type.is === "map" && of !== undefined && isObject(json)) {
    if (type.key?.is === "ref" && types.types[type.key.to ?? -1]?.secret === true) return "(secret)";
    const object: Bag = {};
    for (const key of Object.keys(json)) put(object, key, maskedType(types, of, json[key], depth + 1));
    return object;
  }
  return json;
}

function maskedFields(types: TypesPlan, fields: readonly FieldPlan[], json: unknown, depth: number): unknown {
  if (!isObject(json)) return json;
  const object: Bag = {};
  for (const key of Object.keys(json)) {
    const field = fields.find((field) => field.name === key);
    const member = json[key];
    put(object, key, field === undefined ? member : field.secret === true ? "(secret)" : maskedType(types, field.type, member, depth));
  }
  return object;
}
